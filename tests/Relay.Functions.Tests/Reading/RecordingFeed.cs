using Relay.Core.Ledger.Commit;

namespace Relay.Functions.Tests.Reading;

/// <summary>Keeps what it is told, or says that it cannot be told.</summary>
internal sealed class RecordingFeed : ISignalFeed
{
    public List<ToldEvent> Told { get; } = [];

    public bool Answer { get; set; } = true;

    public ValueTask<bool> TellAsync(
        string negotiation, string kind, string mediaType, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (Answer) Told.Add(new ToldEvent(negotiation, kind, mediaType, body.ToArray()));
        return new(Answer);
    }
}

/// <summary>An event as the feed was told it.</summary>
internal sealed record ToldEvent(string Negotiation, string Kind, string MediaType, byte[] Body);
