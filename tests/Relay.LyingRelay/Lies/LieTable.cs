namespace Relay.LyingRelay.Lies;

/// <summary>The lies, by name.</summary>
internal static class LieTable
{
    /// <summary>One row for each <see cref="LieKind"/>.</summary>
    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>(
    [
        KeyValuePair.Create(LieKind.Honest, new Lie("tells no lie") { IsHonest = true }),
        KeyValuePair.Create(
            LieKind.HonestWriter,
            new Lie("tells no lie, but its entries are written and signed as a liar's are")
            {
                IsHonest = true,
                Write = static (_, _) => Task.CompletedTask,
            }),
        .. EntryLies.Rows,
        .. AccusationLies.Rows,
        .. AnswerLies.Rows,
        .. PrekeyLies.Rows,
        .. BatchLies.Rows,
        .. HistoryLies.Rows,
        .. ForwardingLies.Rows,
        .. ReceiptLies.Rows,
        .. TakingLies.Rows,
        .. ServingLies.Rows,
        .. KeyLies.Rows,
        .. StoreLies.Rows,
    ]);
}
