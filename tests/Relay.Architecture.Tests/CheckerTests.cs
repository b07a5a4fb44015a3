using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Relay.Protocol.Merkle;

namespace Relay.Architecture.Tests;

/// <summary>
/// The checker of ledgers judges the committer, so it reads everything by code of
/// its own: a mistake in a shared reader would be made twice and seen by nobody.
/// That it references nothing of the committer stands in <see cref="DependencyTests"/>; here stands what it may use of the protocol.
/// </summary>
public sealed class CheckerTests
{
    // Hashes, keys and signatures.
    private static readonly string[] Allowed =
    [
        "Digest", "MerkleHash", "JwsAlgorithm", "JwsAlgorithms", "PublicJwk", "SignatureFault", "VerificationKey",
    ];

    [Fact]
    public void Checker_UsesOfTheProtocol_HashesKeysAndSignaturesAlone()
    {
        using var image = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Relay.Checker.dll")));
        var metadata = image.GetMetadataReader();
        var used = metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Where(type => metadata.GetString(type.Namespace).StartsWith("Relay.", StringComparison.Ordinal))
            .Select(type => metadata.GetString(type.Name))
            .ToList();
        Assert.Contains("MerkleHash", used);
        Assert.Empty(used.Except(Allowed));
    }
}
