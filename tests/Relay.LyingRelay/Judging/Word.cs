namespace Relay.LyingRelay.Judging;

/// <summary>When something was noticed. In the order of time.</summary>
internal enum Step
{
    /// <summary>When it came.</summary>
    Arrival,

    /// <summary>With the first audit of what has arrived.</summary>
    Audit,

    /// <summary>With the next envelope that the sender made after it had looked at the ledger.</summary>
    NextEnvelope,

    /// <summary>With the audit after that.</summary>
    NextAudit,
}

/// <summary>What one tool of one party said.</summary>
/// <param name="Step">When.</param>
/// <param name="Party">Whose tool.</param>
/// <param name="Tool">Which.</param>
/// <param name="Code">What it found, in one word; empty when all was well.</param>
/// <param name="Exit">Exit code; null for a tool that has none.</param>
/// <param name="Text">Its words.</param>
internal sealed record Word(Step Step, string Party, string Tool, string Code, int? Exit, string Text)
{
    /// <summary>True when it says that something is wrong or was not proved.</summary>
    public bool Notices => Code.Length > 0;

    /// <summary>Party, tool, what it says and how it ends.</summary>
    public override string ToString() => Exit is { } exit ? $"{Party} {Tool}: {Code} ({exit})" : $"{Party} {Tool}: {Code}";
}
