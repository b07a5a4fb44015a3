using System.Collections.Frozen;

namespace Relay.Protocol.Evidence;

/// <summary>The texts of <see cref="LieKind"/>, and what a file of each kind holds.</summary>
public static class LieKinds
{
    private static readonly FrozenDictionary<string, LieKind> ByText =
        Enum.GetValues<LieKind>().ToFrozenDictionary(kind => kind.ToText(), StringComparer.Ordinal);

    /// <summary>The text, such as <c>broken-chain</c>.</summary>
    public static string ToText(this LieKind kind) => kind switch
    {
        LieKind.Fork => "fork",
        LieKind.Rollback => "rollback",
        LieKind.UnreadableEntry => "unreadable-entry",
        LieKind.ForeignEntry => "foreign-entry",
        LieKind.ForbiddenEntry => "forbidden-entry",
        LieKind.NoQuorum => "no-quorum",
        LieKind.LateEntry => "late-entry",
        LieKind.FalseEvidence => "false-evidence",
        LieKind.BrokenPromise => "broken-promise",
        LieKind.LoggedTwice => "logged-twice",
        LieKind.BrokenOrder => "broken-order",
        LieKind.BrokenChain => "broken-chain",
        LieKind.TimeBackwards => "time-backwards",
        LieKind.ForgedAcknowledgement => "forged-acknowledgement",
        LieKind.FalseAcknowledgement => "false-acknowledgement",
        LieKind.AcknowledgedTwice => "acknowledged-twice",
        LieKind.PrekeyTwice => "prekey-twice",
        LieKind.BrokenPrekeys => "broken-prekeys",
        LieKind.ForgedPrekeys => "forged-prekeys",
        LieKind.Accusation => "accusation",
        LieKind.WrongWrap => "wrong-wrap",
    };

    /// <summary>Reads the text; false when it is none.</summary>
    public static bool TryParse(string? text, out LieKind kind) => ByText.TryGetValue(text ?? "", out kind);

    /// <summary>Leaves in a file of this kind: two that do not fit each other, one that is none, or none between two trees.</summary>
    internal static int Leaves(this LieKind kind) => kind switch
    {
        LieKind.Fork or LieKind.Rollback => 0,
        LieKind.UnreadableEntry or LieKind.ForeignEntry or LieKind.ForbiddenEntry or LieKind.NoQuorum or LieKind.LateEntry
            or LieKind.FalseEvidence or LieKind.ForgedAcknowledgement or LieKind.ForgedPrekeys or LieKind.Accusation
            or LieKind.WrongWrap => 1,
        LieKind.BrokenPromise or LieKind.LoggedTwice or LieKind.BrokenOrder or LieKind.BrokenChain or LieKind.TimeBackwards
            or LieKind.FalseAcknowledgement or LieKind.AcknowledgedTwice or LieKind.PrekeyTwice or LieKind.BrokenPrekeys => 2,
    };

    /// <summary>True when a file of this kind may hold an earlier root with its proof.</summary>
    internal static bool TakesRoot(this LieKind kind) => kind is LieKind.Fork or LieKind.FalseEvidence;

    /// <summary>True when a file of this kind may hold a negotiation document.</summary>
    internal static bool TakesDocument(this LieKind kind) =>
        kind is LieKind.ForbiddenEntry or LieKind.NoQuorum or LieKind.ForgedAcknowledgement or LieKind.ForgedPrekeys or LieKind.Accusation
            or LieKind.WrongWrap;
}
