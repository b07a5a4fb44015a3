using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>Bounds checked before anything is allocated; immutable.</summary>
public sealed record EnvelopeLimits
{
    /// <summary>Default bytes on the wire: 256 KiB.</summary>
    public const int DefaultMaxWireBytes = 256 * 1024;

    /// <summary>Longest head, decoded: 8 KiB, of which 64 addressees and everything else fill half.</summary>
    public const int MaxHeadBytes = 8 * 1024;

    /// <summary>
    /// Most bytes of head, protected headers and signatures together: 14 KiB, so that an entry of
    /// the ledger holds them, evidence two of them, and a receipt fits a property of a message.
    /// </summary>
    public const int MaxSignedBytes = 14 * 1024;

    /// <summary>Most signatures on one envelope: 32.</summary>
    public const int MaxSignatures = 32;

    /// <summary>Longest protected header, decoded: 2 KiB.</summary>
    public const int MaxHeaderBytes = 2 * 1024;

    /// <summary>Longest signature, decoded: 512 bytes (RSA 4096).</summary>
    public const int MaxSignatureBytes = 512;

    /// <summary>Most addressed delegations: 64.</summary>
    public const int MaxAddressees = 64;

    /// <summary>Deepest nesting of any JSON read here: 16.</summary>
    public const int MaxDepth = StrictJsonReader.MaxDepth;

    /// <summary>Most members of one JSON object of an envelope: 64, so that the duplicate check stays linear.</summary>
    public const int MaxMembersPerObject = StrictJsonReader.DefaultMaxMembers;

    /// <summary>The defaults.</summary>
    public static EnvelopeLimits Default { get; } = new();

    /// <summary>Longest span from <c>iat</c> to <c>exp</c>: 30 days.</summary>
    public static TimeSpan MaxLifetime { get; } = TimeSpan.FromDays(30);

    /// <summary>How far <c>iat</c> may lie ahead of the reader's clock: 2 minutes. Checked at admission, not by the parser.</summary>
    public static TimeSpan MaxClockSkew { get; } = TimeSpan.FromMinutes(2);

    /// <summary>Most bytes on the wire; default <see cref="DefaultMaxWireBytes"/>, up to what the bus tier takes (100 MiB).</summary>
    public int MaxWireBytes { get; init; } = DefaultMaxWireBytes;
}
