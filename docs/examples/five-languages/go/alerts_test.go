package alerts

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

func TestAnAlertArrives(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	connection, _, err := websocket.Dial(ctx, os.Getenv("PVWS_URL"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.CloseNow()
	subscribe := map[string]string{"type": "subscribe", "topic": "alerts"}
	if err := wsjson.Write(ctx, connection, subscribe); err != nil {
		t.Fatal(err)
	}
	var message struct {
		Data struct{ Value float64 }
	}
	if err := wsjson.Read(ctx, connection, &message); err != nil {
		t.Fatal(err)
	}
	if message.Data.Value != 97.5 {
		t.Fatalf("expected an alert of 97.5, got %v", message.Data.Value)
	}
	connection.Close(websocket.StatusNormalClosure, "")
}
