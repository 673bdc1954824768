import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** A test without a framework, so that it needs nothing but a JDK: `java Alerts.java`. */
public class Alerts {
    public static void main(String[] arguments) throws Exception {
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<Integer> closed = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            private final StringBuilder text = new StringBuilder();

            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
                text.append(part);
                if (last) {
                    first.complete(text.toString());
                    text.setLength(0);
                }
                socket.request(1);
                return null;
            }

            @Override
            public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                closed.complete(code);
                return null;
            }
        };
        WebSocket socket = HttpClient.newHttpClient().newWebSocketBuilder()
            .buildAsync(URI.create(System.getenv("PVWS_URL")), listener).get(10, TimeUnit.SECONDS);
        socket.sendText("{\"type\":\"subscribe\",\"topic\":\"alerts\"}", true).get(10, TimeUnit.SECONDS);
        String message = first.get(10, TimeUnit.SECONDS);
        if (!message.contains("\"value\":97.5")) {
            throw new AssertionError("expected an alert of 97.5, got " + message);
        }
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(10, TimeUnit.SECONDS);
        closed.get(10, TimeUnit.SECONDS);
        System.out.println("an alert arrived");
    }
}
