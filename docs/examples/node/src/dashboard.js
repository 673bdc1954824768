// What a dashboard shows of a network, from the events alone.

export class Dashboard {
  files = new Map(); // key → size
  peers = new Map(); // id → whether it is connected
  alerts = [];

  // Types that we don't know are passed over: a newer server may have more of them.
  take({ type, data }) {
    if (data === null || typeof data !== "object") {
      return;
    }
    switch (type) {
      case "file_uploaded":
      case "file_updated":
        this.files.set(data.key, data.size);
        break;
      case "file_deleted":
        this.files.delete(data.key);
        break;
      case "peer_connected":
        this.peers.set(data.id, true);
        break;
      case "peer_disconnected":
        this.peers.set(data.id, false);
        break;
      case "storage_alert":
      case "network_alert":
      case "performance_alert":
      case "security_alert":
        this.alerts.push({ level: data.level, message: data.message });
        break;
    }
  }
}
