"""What a reporter asks for news."""


class Source:
    """Something that gathers what it has to say until the reporter asks, always from the reporter's thread."""

    def collect(self, now: int) -> bool:
        """Report what is new. True asks to be asked again one flush later, even if nothing else happens."""
        raise NotImplementedError

    def stop(self, now: int) -> None:
        """The program stops in good order: say goodbye."""

    def forget(self) -> None:
        """This process is a fork: what was gathered belongs to its parent, which tells it."""

    def list_open(self) -> list[str]:
        """Open spans as a pulse lists them. Asked from the pulse's thread."""
        return []
