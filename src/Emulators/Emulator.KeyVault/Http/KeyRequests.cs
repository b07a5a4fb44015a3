using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Emulator.KeyVault.Keys;

namespace Emulator.KeyVault.Http;

/// <summary>Reads the bodies of create, import and update. False leaves an error that says what was expected and what came.</summary>
internal static class KeyRequests
{
    public const int MaxTags = 15;
    public const int MaxTagCharacters = 256;
    private const int MaxOperations = 16;
    private const int MaxMemberBytes = 1024;
    private const long MaxTime = 253_402_300_799;   // 9999-12-31T23:59:59Z, the last second other libraries can hold
    private const long DefaultExponent = 65537;

    /// <summary>What kind of key to make: a function, since making it takes time that reading need not.</summary>
    public static bool TryReadCreate(
        JsonElement json, [NotNullWhen(true)] out Func<KeyMaterial>? create, out string keyType, out string error)
    {
        create = null;
        keyType = string.Empty;
        if (!TryReadKeyType(json, out keyType, out error)
            || !JsonMembers.TryGetText(json, "crv", out var curve, out error)
            || !JsonMembers.TryGetWhole(json, "key_size", int.MaxValue, out var size, out error)
            || !JsonMembers.TryGetWhole(json, "public_exponent", int.MaxValue, out var exponent, out error))
        {
            return false;
        }

        if (keyType == "EC")
        {
            var name = curve ?? "P-256";
            if (!KeyMaterial.Curves.Contains(name))
            {
                return Fail(out error, $"Property 'crv' was expected to be one of {string.Join(", ", KeyMaterial.Curves)}.");
            }
            create = () => KeyMaterial.CreateEc(name);
            return true;
        }

        var bits = (int)(size ?? 2048);
        if (!KeyMaterial.RsaSizes.Contains(bits))
        {
            return Fail(out error, $"Property 'key_size' was expected to be one of {string.Join(", ", KeyMaterial.RsaSizes)}, got {bits}.");
        }
        if (exponent is not (null or DefaultExponent))
        {
            return Fail(out error, $"Property 'public_exponent' was expected to be {DefaultExponent}, got {exponent}.");
        }
        create = () => KeyMaterial.CreateRsa(bits);
        return true;
    }

    /// <summary>A key pair in the member <c>key</c>.</summary>
    public static bool TryReadImport(
        JsonElement json, [NotNullWhen(true)] out KeyMaterial? material, out KeyChange change, out string error)
    {
        material = null;
        change = new(null, null, null, null, null);
        if (!JsonMembers.TryGetObject(json, "key", out var key, out error) || !JsonMembers.TryGetFlag(json, "hsm", out var hsm, out error))
        {
            return false;
        }
        if (key is not { } jwk) return Fail(out error, "Property 'key' was expected: a JSON Web Key with private members.");
        if (hsm == true) return Fail(out error, "Property 'hsm' was expected to be false: this vault has no HSM.");
        if (!TryReadKeyType(jwk, out var keyType, out error)
            || !TryReadChange(json, keyType, jwk, out change, out error)
            || !JsonMembers.TryGetText(jwk, "crv", out var curve, out error))
        {
            return false;
        }

        return keyType == "EC" ? TryReadEc(jwk, curve, out material, out error) : TryReadRsa(jwk, out material, out error);
    }

    /// <summary>Attributes, operations and tags.</summary>
    /// <param name="json">The body.</param>
    /// <param name="keyType">Decides which operations are possible; EC or RSA.</param>
    /// <param name="operations">Where <c>key_ops</c> is: the body itself, or the key in it.</param>
    /// <param name="change">What the body asks for.</param>
    /// <param name="error">Empty when true.</param>
    public static bool TryReadChange(JsonElement json, string keyType, JsonElement operations, out KeyChange change, out string error)
    {
        change = new(null, null, null, null, null);
        if (!JsonMembers.TryGetObject(json, "attributes", out var attributes, out error)
            || !JsonMembers.TryGetTexts(operations, "key_ops", MaxOperations, out var names, out error)
            || !TryReadTags(json, out var tags, out error))
        {
            return false;
        }

        if (names is not null && !names.All(KeyOperationNames.For(keyType).Contains))
        {
            return Fail(
                out error,
                $"Property 'key_ops' was expected to name only {string.Join(", ", KeyOperationNames.For(keyType))} for a key of "
                    + $"type {keyType}.");
        }

        bool? enabled = null;
        long? notBefore = null, expires = null;
        if (attributes is { } members
            && (!JsonMembers.TryGetFlag(members, "enabled", out enabled, out error)
                || !JsonMembers.TryGetWhole(members, "nbf", MaxTime, out notBefore, out error)
                || !JsonMembers.TryGetWhole(members, "exp", MaxTime, out expires, out error)))
        {
            return false;
        }

        change = new(enabled, notBefore, expires, names is null ? null : [.. names.Distinct(StringComparer.Ordinal)], tags);
        return true;
    }

    private static bool TryReadKeyType(JsonElement json, out string keyType, out string error)
    {
        keyType = string.Empty;
        if (!JsonMembers.TryGetText(json, "kty", out var text, out error)) return false;
        if (text is not ("EC" or "RSA"))
        {
            return Fail(out error, "Property 'kty' was expected to be EC or RSA: this vault has software keys of these types only.");
        }
        keyType = text;
        return true;
    }

    private static bool TryReadTags(JsonElement json, out ImmutableSortedDictionary<string, string>? tags, out string error)
    {
        tags = null;
        if (!JsonMembers.TryGetObject(json, "tags", out var members, out error)) return false;
        if (members is not { } all) return true;

        var read = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var tag in all.EnumerateObject())
        {
            if (tag.Value.ValueKind != JsonValueKind.String
                || tag.Name.Length > MaxTagCharacters
                || tag.Value.GetString()!.Length > MaxTagCharacters
                || read.Count == MaxTags)
            {
                return Fail(
                    out error,
                    $"Property 'tags' was expected to have at most {MaxTags} members, names and string values of at most "
                        + $"{MaxTagCharacters} characters.");
            }

            read.Add(tag.Name, tag.Value.GetString()!);
        }

        tags = read.ToImmutable();
        return true;
    }

    private static bool TryReadEc(JsonElement jwk, string? curve, out KeyMaterial? material, out string error)
    {
        material = null;
        var field = curve switch { "P-256" => 32, "P-384" => 48, "P-521" => 66, _ => 0 };
        if (field == 0) return Fail(out error, $"Property 'crv' was expected to be one of {string.Join(", ", KeyMaterial.Curves)}.");
        if (!JsonMembers.TryGetBytes(jwk, "x", MaxMemberBytes, out var x, out error)
            || !JsonMembers.TryGetBytes(jwk, "y", MaxMemberBytes, out var y, out error)
            || !JsonMembers.TryGetBytes(jwk, "d", MaxMemberBytes, out var d, out error))
        {
            return false;
        }

        if (x?.Length != field || y?.Length != field || d?.Length != field)
        {
            return Fail(out error, $"Properties 'x', 'y' and 'd' were expected to have {field} bytes each for {curve}.");
        }

        return KeyMaterial.TryImportEc(curve!, x, y, d, out material)
            || Fail(out error, $"The key is no valid key pair on {curve}: its point and its private part do not belong together.");
    }

    private static bool TryReadRsa(JsonElement jwk, out KeyMaterial? material, out string error)
    {
        material = null;
        var members = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var name in (ReadOnlySpan<string>)["n", "e", "d", "p", "q", "dp", "dq", "qi"])
        {
            if (!JsonMembers.TryGetBytes(jwk, name, MaxMemberBytes, out var value, out error)) return false;
            if (value is not { Length: > 0 }) return Fail(out error, $"Property '{name}' was expected in a private RSA key.");
            members[name] = value;
        }

        var size = members["n"].Length;
        if (!KeyMaterial.RsaSizes.Contains(size * 8))
        {
            return Fail(
                out error, $"Property 'n' was expected to have one of {string.Join(", ", KeyMaterial.RsaSizes)} bits, got {size * 8}.");
        }

        var parameters = new RSAParameters { Modulus = members["n"], Exponent = members["e"] };
        var fits = Pad(members["d"], size, out parameters.D) & Pad(
            members["p"], size / 2, out parameters.P) & Pad(members["q"], size / 2, out parameters.Q)
            & Pad(members["dp"], size / 2, out parameters.DP) & Pad(members["dq"], size / 2, out parameters.DQ) & Pad(
                members["qi"], size / 2, out parameters.InverseQ);
        if (fits && KeyMaterial.TryImportRsa(parameters, out material))
        {
            error = string.Empty;
            return true;
        }

        return Fail(out error, "The key is no valid RSA key pair: its members do not belong together.");
    }

    // A value with leading zeros left out is as good: RFC 7518 section 6.3 takes the shortest form.
    private static bool Pad(byte[] value, int length, out byte[]? padded)
    {
        padded = null;
        if (value.Length > length) return false;
        padded = new byte[length];
        value.CopyTo(padded, length - value.Length);
        return true;
    }

    private static bool Fail(out string error, string reason)
    {
        error = reason;
        return false;
    }
}
