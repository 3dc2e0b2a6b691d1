"""Four ways to write a file that are all in use, and all wrong."""

from notes.notes import FILE, Notes

NEW = "note.new"


class InPlace(Notes):
    """Empties the file and writes it."""

    def store(self, data: bytes) -> None:
        with self.disk.open(FILE, "wb") as file:
            file.write(data)


class Synced(Notes):
    """Empties the file, writes it, and has it made durable."""

    def store(self, data: bytes) -> None:
        with self.disk.open(FILE, "wb") as file:
            file.write(data)
            file.fsync()


class Renamed(Notes):
    """Writes another file, which then takes the place of the first."""

    def store(self, data: bytes) -> None:
        with self.disk.open(NEW, "wb") as file:
            file.write(data)
        self.disk.replace(NEW, FILE)
        self.disk.sync()


class SyncedAndRenamed(Notes):
    """Writes another file, has it made durable, and lets it take the place of the first."""

    def store(self, data: bytes) -> None:
        with self.disk.open(NEW, "wb") as file:
            file.write(data)
            file.fsync()
        self.disk.replace(NEW, FILE)
