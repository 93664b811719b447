"""The root of our exceptions, each with the exit code of a command that it ends (contract.md, section 5).

    SignalEngineError            1
      AccountsChanged            1
      AccountsFileError          2
      BeyondTheEnd               2
      BrokenFeed                 1
      CannotListen               1
      CannotUnpack               1
      ConfigurationError         2
      DifferentPartitions        2
      DraftDiffers               1
      EvaluationFailed           1
      EveryRowRefused            1
      HttpProblem                1
      InvalidConfiguration       2
      JudgeFailed                1
      JudgedDifferently          1
      LoadFailed                 1
      LoadReplaced               1
      LoadedRowUnreadable        1
      NameTaken                  2
        InstanceReplaced         2
      NativeUnusable             1
        NotInstalled             1
      NoConnection               1
        _RowsMissing             1
      NotAcknowledged            1
      NotAllowedToGoThere        1
      NothingImported            1
      NothingToDecide            1
      NothingToExplain           1
      NothingToPlay              1
      NothingToScore             1
      NothingToValidate          1
      OtherGeneration            1
        AliasesLost              1
      OutOfOrder                 1
      PublicationFenced          1
      ReadDifferently            1
      RebuildNeeded              1
      ResumeBeforePosition       2
      RowTooLarge                1
      RuleRefused                1
      RuleUnreadable             1
      RulesChanged               2
      SameField                  2
      ServerFailed               1
      SinkInUse                  1
      SinkTrouble                1
        TaskRefused              1
        UnknownAnswer            1
        _MalformedId             1
      StoreTrouble               1
        Damaged                  1
        OutdatedStore            1
        StoreFull                1
        StoreUnreachable         1
        WrongServer              2
          StoreBusy              2
            NotAllowed           2
      TableError                 2
      TooFewWins                 1
      TooLarge                   1
      TooLittlePast              1
      TooManyConflicts           1
      TopicsReplaced             2
      Undecided                  1
      UndecidedColumn            1
      Undeliverable              1
      UnknownPlace               1
      UnknownRowVersion          2
      UnknownStateVersion        2
      UnreadableDocument         1
      UnreadableInput            1
      UnusableCertificates       2
      UnusableSecret             2
      UnusableTopics             2
      WalkedDifferently          1
      WonAreDisqualified         1
      _MadeAnew                  1
      _NoCopy                    1
      _NotPublished              1
      _NothingToShow             1
      _StoppedNotKept            1
      _StoppedUnreadable         1
      _UnreadableRecord          1

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
    public: str | None = None
    """What is said where anybody may ask, as at `/readyz`, where the message names servers; None: the message."""

    def messages(self) -> tuple[str, ...]:
        """The messages, one line per problem."""
        return (str(self),)

    def in_public(self) -> str:
        """What is said where anybody may ask: without addresses of servers, which the log has."""
        return "; ".join(self.messages()) if self.public is None else self.public
