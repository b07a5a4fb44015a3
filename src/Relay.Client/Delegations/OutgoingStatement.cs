using Relay.Protocol.Envelopes;

namespace Relay.Client.Delegations;

/// <summary>What a delegation wants to say; <see cref="Sealer"/> makes an envelope's head and content of it.</summary>
public sealed record OutgoingStatement
{
    /// <summary>1 to 64 delegations, without the sender.</summary>
    public required IReadOnlyList<string> Audience { get; init; }

    /// <summary>Media type of the body; default <c>text/plain</c>.</summary>
    public string ContentType { get; init; } = "text/plain";

    /// <summary>The body.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Default <see cref="Lane.Normal"/>.</summary>
    public Lane Lane { get; init; } = Lane.Normal;

    /// <summary>How long it may be delivered, up to 30 days; default one day.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Embargo; null for none.</summary>
    public DateTimeOffset? NotBefore { get; init; }
}
