using System.Reflection;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;
using Relay.Risk.Observations;

namespace Relay.Risk.Tests;

/// <summary>
/// What there is to be seen of an envelope whose content one cannot read. Whoever adds to it, adds it here and to the README.
/// </summary>
public sealed class MetadataTests
{
    private static readonly string[] SeenOfAHead =
    [
        "Audience", "Bytes", "ContentHash", "Digest", "ExpiresAt", "Id", "IssuedAt", "NotBefore", "Previous", "Seen",
    ];

    // Of the content the relay has the bytes, which are encrypted, and so their number, which is padded.
    private static readonly string[] SeenOfAnEnvelope = ["Digest", "Head", "Id", "Sealed", "Signatures", "Wire"];

    private static readonly string[] UsedForSignals =
    [
        "At", "Audience", "DueAt", "Index", "Lane", "Sender", "Sequence", "Share", "Vouched",
    ];

    [Fact]
    public void Head_Members_AreThoseTheReadmeLists() => Assert.Equal(SeenOfAHead, PropertiesOf(typeof(EnvelopeHead)));

    [Fact]
    public void Envelope_Members_AreThoseTheReadmeLists() => Assert.Equal(SeenOfAnEnvelope, PropertiesOf(typeof(Envelope)));

    [Fact]
    public void ObservedEnvelope_Members_AreThoseSignalsMayUse() => Assert.Equal(UsedForSignals, PropertiesOf(typeof(ObservedEnvelope)));

    [Fact]
    public void Observations_OfEachKind_HoldNoBytes()
    {
        Type[] kinds = [typeof(ObservedEnvelope), typeof(ObservedAnswer), typeof(ObservedEvidence), typeof(ObservedMode)];
        var held = kinds.SelectMany(kind => kind.GetProperties().Select(property => property.PropertyType)).Distinct();
        Assert.Empty(held.Intersect([typeof(byte[]), typeof(ReadOnlyMemory<byte>), typeof(Digest)]));
    }

    private static IEnumerable<string> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Select(property => property.Name)
            .Order(StringComparer.Ordinal);
}
