namespace Relay.Cli.Demo;

/// <summary>The end of a demo: what only a ledger can sort out.</summary>
/// <param name="Gap">Genuine, held back until the one after it has been sent.</param>
/// <param name="Early">Genuine, of the same stream and right after <paramref name="Gap"/>: it must wait until that has come.</param>
/// <param name="Marker">Genuine, of another stream: shows that the relay has gone past <paramref name="Early"/>.</param>
/// <param name="Twice">Genuine, sent once more; each has one entry, and reaches its addressee once.</param>
/// <param name="Twin">Signed like any, with the sequence of an envelope that is logged
/// and another content; null where nobody may read why it was refused.</param>
internal sealed record DemoFinale(
    GoodEnvelope Gap, GoodEnvelope Early, GoodEnvelope Marker, IReadOnlyList<GoodEnvelope> Twice, HostileEnvelope? Twin)
{
    /// <summary>True when the envelope is sent at the end, not before.</summary>
    public bool Has(GoodEnvelope envelope) => envelope == Gap || envelope == Early || envelope == Marker;
}
