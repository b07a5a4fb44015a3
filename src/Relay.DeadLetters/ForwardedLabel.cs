using System.Text;
using Relay.Protocol.Envelopes;

namespace Relay.DeadLetters;

/// <summary>
/// What the relay wrote beside the envelope when it forwarded it, which goes back with it; nothing else of the message does, since a
/// recipient can write on what it dead-letters.
/// </summary>
/// <param name="Session">The message's session; null for none.</param>
/// <param name="Properties">Application properties by name: text, or the ledger index.</param>
internal sealed record ForwardedLabel(string? Session, IReadOnlyDictionary<string, object> Properties)
{
    private static readonly IReadOnlyList<string> Names =
        [ForwardedProperties.Id, ForwardedProperties.Lane, ForwardedProperties.Index, ForwardedProperties.Receipt];

    /// <summary>Bytes of it.</summary>
    public int Size => Properties.Sum(
        pair => pair.Key.Length + (pair.Value is string text ? Encoding.UTF8.GetByteCount(text) : sizeof(long)));

    /// <param name="session">The message's.</param>
    /// <param name="properties">All that it has.</param>
    public static ForwardedLabel Of(string? session, IReadOnlyDictionary<string, object> properties)
    {
        var kept = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var name in Names)
        {
            if (properties.GetValueOrDefault(name) is { } value and (string or long)) kept[name] = value;
        }

        TraceParent.Write(kept, TraceParent.Read(properties));
        return new ForwardedLabel(session, kept);
    }
}
