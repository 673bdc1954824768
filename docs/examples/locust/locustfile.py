"""Two kinds of clients of a PeerVault server, for Locust."""

from locust import between, task

from pvws.testing.locust import PeerVaultUser


class AlertWatcher(PeerVaultUser):
    """Three of four users: they wait for alerts, and do nothing else."""

    weight = 3
    topics = ("alerts",)


class Dashboard(PeerVaultUser):
    """It listens to everything, asks now and then whether anybody is there, and at times looks away from the files."""

    weight = 1
    wait_time = between(5, 15)

    @task(3)
    def look(self) -> None:
        self.ping()

    @task(1)
    def look_away(self) -> None:
        self.unsubscribe("file_operations")
        self.wait()
        self.subscribe("file_operations")
