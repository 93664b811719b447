"""The root of our exceptions, each with the exit code of a command that it ends (contract.md, section 5).

    SignalEngineError            1
      AccountsFileError          2
      Backwards                  2
      BeyondTheEnd               2
      CannotListen               1
      CannotUnpack               1
      ConfigurationError         2
      DifferentPartitions        2
      Doubt                      1
      EveryRowRefused            1
      Faulty                     1
      HttpProblem                1
      InvalidConfiguration       2
      NameTaken                  2
        Fenced                   2
      NoConnection               1
      NotAcknowledged            1
      NotAsTheyMustBe            2
      NothingImported            1
      NothingToExplain           1
      NothingToPlay              1
      NothingToScore             1
      OtherGeneration            1
      OtherRules                 2
      OtherTopics                2
      OutOfOrder                 1
      SameField                  2
      ServerFailed               1
      StoreTrouble               1
        Damaged                  1
        OutdatedStore            1
        StoreFull                1
        StoreUnreachable         1
        WrongServer              2
          StoreBusy              2
            NotAllowed           2
      TableError                 2
      TooBusy                    1
      TooLarge                   1
      UndecidedColumn            1
      Undeliverable              1
      UnknownRowVersion          2
      UnknownStateVersion        2
      UnreadableDocument         1
      UnreadableInput            1
      UnusableCertificates       2
      UnusableSecret             2
      _NoCopy                    1

The docstring of each says what it means.
"""

from typing import ClassVar, Final

FAILED: Final = 1
"""Exit code: the command failed."""
WRONG_USE: Final = 2
"""Exit code: wrong usage or configuration; the command will fail again until something is changed."""


class SignalEngineError(Exception):
    """An error with a message for people, which never contains a secret."""

    exit_code: ClassVar[int] = FAILED

    def messages(self) -> tuple[str, ...]:
        """The messages, one line per problem."""
        return (str(self),)
