namespace Relay.IntegrationTests.Hostile;

/// <summary>What a hostile peer sends over one connection. Peers that have sent all then wait, or say that nothing more comes.</summary>
/// <param name="Bytes">Made anew each time.</param>
/// <param name="Finishes">Whether it ends its side after the last byte.</param>
internal sealed record HostileConversation(Func<byte[]> Bytes, bool Finishes = false)
{
    private const int Links = 256;
    private const int Sessions = 32;

    /// <summary>All kinds, by name.</summary>
    public static IReadOnlyDictionary<string, HostileConversation> All(Random random) =>
        new Dictionary<string, HostileConversation>(StringComparer.Ordinal)
        {
            ["random bytes instead of a header"] = new(() => Noise(random)),
            ["random bytes instead of SASL"] = new(() => [.. RawPeer.Hello[..8], .. ImpossibleSize(Noise(random))]),
            ["random bytes after begin"] = new(() => [.. RawPeer.Session, .. ImpossibleSize(Noise(random))]),
            ["random bytes in a frame"] = new(() => [.. RawPeer.Session, .. RawPeer.Frame(Undescribed(Noise(random)))]),
            ["cut in the middle of a frame"] = new(() => [.. RawPeer.Session, .. RawPeer.Sender("cut", 0, "envelopes")[..20]], Finishes: true),
            ["frame shorter than its content"] = new(
            () => [.. RawPeer.Session, .. RawPeer.Frame(RawPeer.Sender("short", 0, "envelopes").AsSpan(8, 20))]),
            ["oversized frame before open"] = new(() => [.. RawPeer.Hello, .. Oversized]),
            ["oversized frame after open"] = new(() => [.. RawPeer.Session, .. Oversized]),
            ["frame on a channel without a session"] = new(
            () => [.. RawPeer.Session, .. RawPeer.Sender("channel", 0, "envelopes", channel: 9)]),
            ["frame on a channel beyond channel-max"] = new(
            () => [.. RawPeer.Session, .. RawPeer.Frame(RawPeer.Begin, 60_000, [null, 0u, 1u, 1u])]),
            ["transfer before attach"] = new(() => [.. RawPeer.Session, .. Transfer(handle: 3)]),
            ["transfer before open"] = new(() => [.. RawPeer.Hello, .. Transfer(handle: 0)]),
            ["attach storm on one session"] = new(() => [.. RawPeer.Session, .. Storm(1, Links + 1, nameLength: 20)]),
            ["attach storm with long names"] = new(() => [.. RawPeer.Session, .. Storm(Sessions, Links, nameLength: 1000)]),
            ["attach storm on one handle"] = new(
            () => [.. RawPeer.Session, .. RawPeer.Sender("a", 0, "envelopes"), .. RawPeer.Sender("b", 0, "envelopes")]),
            ["attach to an entity that is not there"] = new(() => [.. RawPeer.Session, .. RawPeer.Sender("a", 0, "nowhere")]),
        };

    private static byte[] Oversized { get; } = [0x00, 0x01, 0x00, 0x01, 2, 0, 0, 0];

    private static byte[] Transfer(uint handle) => RawPeer.Frame(RawPeer.Transfer, 0, [handle, 0u, new byte[] { 1 }, 0u, false, false]);

    private static byte[] Storm(int sessions, int links, int nameLength)
    {
        var bytes = new List<byte>();
        for (var channel = 0; channel < sessions; channel++)
        {
            if (channel > 0)
            {
                bytes.AddRange(RawPeer.Frame(RawPeer.Begin, (ushort)channel, [null, 0u, 5000u, 5000u]));
            }

            for (uint handle = 0; handle < links; handle++)
            {
                bytes.AddRange(RawPeer.Sender($"{channel}-{handle}".PadRight(nameLength, 'x'), handle, "envelopes", (ushort)channel));
            }
        }

        return [.. bytes];
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(16, 4096)];
        random.NextBytes(bytes);
        return bytes;
    }

    // A frame of 2 GiB and more: what these bytes mean does not depend on chance.
    private static byte[] ImpossibleSize(byte[] noise)
    {
        noise[0] |= 0x80;
        return noise;
    }

    // Performatives begin with 0, the constructor of a described value.
    private static byte[] Undescribed(byte[] noise)
    {
        noise[0] |= 0x01;
        return noise;
    }
}
