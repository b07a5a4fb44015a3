using System.Collections.Immutable;
using System.Security.Cryptography;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Protocol.Signatures;

/// <summary>
/// Many signing inputs under one signature: what a key has to sign for all of them, and then the value of each. Immutable; signs nothing
/// itself.
/// </summary>
public sealed class SignatureBatch
{
    private readonly MerkleTree _tree = new();
    private readonly byte[] _blinders;

    private SignatureBatch(IReadOnlyList<Digest> inputs, byte[] blinders)
    {
        _blinders = blinders;
        Span<byte> input = stackalloc byte[Digest.Size];
        for (var i = 0; i < inputs.Count; i++)
        {
            inputs[i].CopyTo(input);
            _tree.Append(BatchSignature.Leaf(Blinder(i), input));
        }
        Root = _tree.Root();
    }

    /// <summary>How many, 1 to <see cref="BatchSignature.MaxLeaves"/>.</summary>
    public int Size => (int)_tree.Size;

    /// <summary>Root of the tree.</summary>
    public Digest Root { get; }

    /// <summary>Builds the tree, with a fresh random blinder for each leaf.</summary>
    /// <param name="inputs">SHA-256 of each JWS signing input, of headers that name <see cref="JwsAlgorithm.MTES256"/>; 1 to 4,096.</param>
    /// <exception cref="ArgumentException">None, or too many.</exception>
    public static SignatureBatch Create(IReadOnlyList<Digest> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Count is 0 or > BatchSignature.MaxLeaves)
        {
            throw new ArgumentException($"Expected 1 to {BatchSignature.MaxLeaves} signing inputs, got {inputs.Count}.", nameof(inputs));
        }
        return new SignatureBatch(inputs, RandomNumberGenerator.GetBytes(inputs.Count * BatchSignature.BlinderSize));
    }

    /// <summary>What the key signs with ES256: SHA-256 of context, tree size and root, 32 bytes.</summary>
    public byte[] HashToSign()
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        BatchSignature.HashSigned(Size, Root, hash);
        return hash;
    }

    /// <summary>The value of each signature, in the order of the inputs.</summary>
    /// <param name="rootSignature">The key's ES256 signature over <see cref="HashToSign"/>: r then s, 64 bytes.</param>
    /// <exception cref="ArgumentException">It is not 64 bytes long.</exception>
    public ImmutableArray<byte[]> ToValues(ReadOnlySpan<byte> rootSignature)
    {
        if (rootSignature.Length != BatchSignature.SignatureSize)
        {
            throw new ArgumentException(
                $"Expected an ES256 signature of {BatchSignature.SignatureSize} bytes, got {rootSignature.Length}.", nameof(rootSignature));
        }
        var values = ImmutableArray.CreateBuilder<byte[]>(Size);
        for (var i = 0; i < Size; i++)
        {
            if (!MerkleProof.TryBuildInclusion(_tree, i, Size, out var path))
            {
                throw new InvalidOperationException("Expected every full subtree to be held, one is absent.");
            }
            values.Add(BatchSignature.Write(Size, i, Blinder(i), path.AsSpan(), rootSignature));
        }
        return values.MoveToImmutable();
    }

    private ReadOnlySpan<byte> Blinder(int index) => _blinders.AsSpan(index * BatchSignature.BlinderSize, BatchSignature.BlinderSize);
}
