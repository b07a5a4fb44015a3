using Relay.Protocol.Ledger;

namespace Relay.Core.Ledger.Reading;

/// <summary>How far an envelope has come in the ledger; closed.</summary>
public enum EnvelopeProgress
{
    /// <summary>In the ledger and published: it has a receipt.</summary>
    Logged,

    /// <summary>In the ledger; its receipt follows within moments.</summary>
    Publishing,

    /// <summary>Accepted; waits for those before it in its stream.</summary>
    Held,
}

/// <summary>What the ledger knows of an envelope id.</summary>
/// <param name="Progress">How far it has come.</param>
/// <param name="Index">Its index; null unless logged.</param>
/// <param name="Entry">Its entry; null unless logged.</param>
/// <param name="Text">The entry's bytes; empty unless logged.</param>
public sealed record EnvelopeStanding(EnvelopeProgress Progress, long? Index, EnvelopeEntry? Entry, ReadOnlyMemory<byte> Text)
{
    /// <summary>What its addressees have said of it, with the index of each entry, in the order of the audience.</summary>
    public IReadOnlyList<(long Index, AcknowledgementEntry Entry)> Acknowledgements { get; init; } = [];
}

/// <summary>Bytes that were verified.</summary>
/// <param name="Content">The bytes.</param>
public sealed record VerifiedBytes(ReadOnlyMemory<byte> Content);
