using Relay.Protocol.Text;

namespace Relay.Core.Ledger.State;

/// <summary>Which bundle of a delegation's prekeys is in force, and how far its one-time keys are handed out.</summary>
/// <param name="Delegation">Whose.</param>
/// <param name="Number">Of the bundle, from 1.</param>
/// <param name="Bundle">Digest of the bundle.</param>
/// <param name="First">Id of its first one-time key; of the next to come when it has none. From 1.</param>
/// <param name="Count">One-time keys in it.</param>
/// <param name="Left">Those not handed out.</param>
/// <param name="ExpiresAt">Until when they may be handed out, whole seconds.</param>
/// <param name="Entry">Ledger index of the bundle.</param>
/// <param name="Last">Ledger index of the last claim that was given one of its one-time keys; of the bundle before the first.</param>
/// <param name="Rows">Rows of the blob that says who has which of them (<see cref="ClaimPage"/>); 0 when there is none.</param>
/// <param name="Claims">SHA-256 of that blob; zero bytes when there is none.</param>
public sealed record PrekeyState(
    string Delegation,
    long Number,
    Digest Bundle,
    long First,
    int Count,
    int Left,
    DateTimeOffset ExpiresAt,
    long Entry,
    long Last,
    int Rows,
    Digest Claims)
{
    /// <summary>Id of the first key that no bundle up to this one has had.</summary>
    public long End => First + Count;

    /// <summary>Id of the key to be handed out next.</summary>
    public long Next => End - Left;
}
