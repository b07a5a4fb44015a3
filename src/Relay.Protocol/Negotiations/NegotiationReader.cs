using System.Collections.Immutable;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Negotiations;

/// <summary>
/// Walks a negotiation document and collects every error. A policy: members
/// it does not know are errors, a misspelt rule must not be a missing one.
/// </summary>
internal sealed class NegotiationReader
{
    private const int MaxIdentityKeys = 16;
    private const int MaxEncryptionKeys = 16;
    private const int MaxCallers = 64;
    private const string ExpectedCaller =
        "expected SHA-256 of a client certificate's SubjectPublicKeyInfo (64 hexadecimal digits or 43 characters of base64url) or "
            + "an Entra object id (36 characters)";
    private const int MaxRate = 1_000_000;
    private const string TopicPrefix = "delegation-";

    // Where each public key of a delegation was met, by its thumbprint: with one key for two
    // parties, what the one signs the other has said, and what is sealed to the one the other reads.
    private readonly Dictionary<Digest, string> _keysMet = [];

    public List<string> Errors { get; } = [];

    public string? Negotiation { get; private set; }

    public Dictionary<string, NegotiationDelegation> Delegations { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, NegotiationMediator> Mediators { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, HashSet<string>>? Routes { get; private set; }

    public QuorumRule? Rule { get; private set; }

    public NegotiationMode Mode { get; private set; } = NegotiationMode.Open;

    public long Version { get; private set; }

    /// <summary>What the whole negotiation may; null for no limit.</summary>
    public RateLimit? Limit { get; private set; }

    public void Read(JsonElement root)
    {
        if (!IsObject(root, "document")) return;
        CheckMembers(root, "document", "negotiation", "delegations", "mediators", "quorum", "routes", "mode", "version", "rate");
        Negotiation = Text(root, "negotiation", "negotiation");
        if (Negotiation is not null && !RelayName.IsValid(Negotiation))
        {
            Errors.Add($"negotiation: expected a name of [a-z0-9-] up to 50 characters, got {Excerpt.Of(Negotiation)}");
        }
        ReadDelegations(root);
        ReadMediators(root);
        ReadRule(root);
        ReadRoutes(root);
        ReadMode(root);
        Limit = Rate(root, "rate");
        Version = Integer(root, "version", "version", 1, EnvelopeId.MaxSequence) ?? 0;
    }

    public void DisposeKeys()
    {
        foreach (var key in Delegations.Values.SelectMany(d => d.IdentityKeys))
        {
            key.Key.Dispose();
        }
    }

    private void ReadDelegations(JsonElement root)
    {
        if (!TryGet(root, "delegations", "delegations", out var delegations) || !IsObject(delegations, "delegations")) return;
        var topics = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in delegations.EnumerateObject())
        {
            var path = $"delegations.{Shown(member.Name)}";
            if (!IsName(member.Name, path) || !IsObject(member.Value, path)) continue;
            CheckMembers(member.Value, path, "topic", "identityKeys", "encryptionKeys", "callers", "rate");
            var topic = Text(member.Value, "topic", $"{path}.topic");
            if (topic is not null && !IsTopic(topic))
            {
                Errors.Add($"{path}.topic: expected a topic named {TopicPrefix}*, got {Excerpt.Of(topic)}");
            }
            if (topic is not null && !topics.Add(topic))
            {
                Errors.Add($"{path}.topic: expected a topic of its own, got {Excerpt.Of(topic)} again");
            }
            Delegations[member.Name] = new NegotiationDelegation
            {
                Name = member.Name,
                Topic = topic ?? "",
                IdentityKeys = IdentityKeys(member.Value, member.Name, $"{path}.identityKeys"),
                EncryptionKeys = EncryptionKeys(member.Value, member.Name, $"{path}.encryptionKeys"),
                Callers = Callers(member.Value, $"{path}.callers"),
                Rate = Rate(member.Value, $"{path}.rate"),
            };
        }
        if (Delegations.Count is < 2 or > EnvelopeLimits.MaxAddressees + 1)
        {
            Errors.Add($"delegations: expected 2 to {EnvelopeLimits.MaxAddressees + 1} delegations, got {Delegations.Count}");
        }
    }

    private ImmutableArray<IdentityKey> IdentityKeys(JsonElement delegation, string name, string path)
    {
        if (!TryGetArray(delegation, "identityKeys", path, MaxIdentityKeys, out var keys)) return [];
        var read = ImmutableArray.CreateBuilder<IdentityKey>();
        var index = 0;
        foreach (var element in keys)
        {
            var at = $"{path}[{index++}]";
            if (!PublicJwk.TryRead(element, out var jwk, out var error) || !VerificationKey.TryCreate(jwk, out var key, out error))
            {
                Errors.Add($"{at}: {error}");
                continue;
            }
            var fault = jwk.Kind != JwkKind.P256 ? $"{at}: expected a P-256 key, got {jwk.Kind}"
                : !IsNumbered(jwk.KeyId, $"{name}#") ? $"{at}.kid: expected {name}#{{number}}, got {Excerpt.Of(jwk.KeyId)}"
                : read.Any(k => k.KeyId == jwk.KeyId) ? $"{at}.kid: expected each key id once, got {Excerpt.Of(jwk.KeyId)} again"
                : MetBefore(jwk, at);
            if (fault is null)
            {
                read.Add(new IdentityKey(jwk.KeyId!, key));
                continue;
            }
            Errors.Add(fault);
            key.Dispose();
        }
        return read.DrainToImmutable();
    }

    private ImmutableArray<PublicJwk> EncryptionKeys(JsonElement delegation, string name, string path)
    {
        if (!TryGetArray(delegation, "encryptionKeys", path, MaxEncryptionKeys, out var keys)) return [];
        var read = ImmutableArray.CreateBuilder<PublicJwk>();
        var index = 0;
        foreach (var element in keys)
        {
            var at = $"{path}[{index++}]";
            if (!PublicJwk.TryRead(element, out var jwk, out var error)) Errors.Add($"{at}: {error}");
            else if (jwk.Kind is not (JwkKind.P256 or JwkKind.MlKem768P256))
            {
                Errors.Add($"{at}: expected a P-256 or {HybridKey.Algorithm} key, got {jwk.Kind}");
            }
            else if (!IsNumbered(jwk.KeyId, $"{name}#enc-"))
            {
                Errors.Add($"{at}.kid: expected {name}#enc-{{number}}, got {Excerpt.Of(jwk.KeyId)}");
            }
            else if (read.Any(k => k.KeyId == jwk.KeyId))
            {
                Errors.Add($"{at}.kid: expected each key id once, got {Excerpt.Of(jwk.KeyId)} again");
            }
            else if (MetBefore(jwk, at) is { } met) Errors.Add(met);
            else read.Add(jwk);
        }
        return read.DrainToImmutable();
    }

    private string? MetBefore(PublicJwk key, string at) =>
        _keysMet.TryAdd(key.Thumbprint(), at)
            ? null
            : $"{at}: expected a key of its own, got the public key of {_keysMet[key.Thumbprint()]}";

    private ImmutableArray<CallerName> Callers(JsonElement delegation, string path)
    {
        if (!TryGetArray(delegation, "callers", path, MaxCallers, out var callers)) return [];
        var read = ImmutableArray.CreateBuilder<CallerName>();
        var index = 0;
        foreach (var element in callers)
        {
            var at = $"{path}[{index++}]";
            // One that could match nobody is a member who finds out too late that it may not read.
            if (element.ValueKind != JsonValueKind.String) Errors.Add($"{at}: {ExpectedCaller}, got another value");
            else if (CallerName.TryParse(element.GetString(), out var caller)) read.Add(caller);
            else Errors.Add($"{at}: {ExpectedCaller}, got {Excerpt.Of(element.GetString())}, which can match nobody");
        }
        return read.DrainToImmutable();
    }

    private RateLimit? Rate(JsonElement limited, string path)
    {
        if (!limited.TryGetProperty("rate", out var rate) || !IsObject(rate, path)) return null;
        CheckMembers(rate, path, "perSecond", "burst");
        var perSecond = Integer(rate, "perSecond", $"{path}.perSecond", 1, MaxRate);
        var burst = Integer(rate, "burst", $"{path}.burst", 1, MaxRate);
        return perSecond is null || burst is null ? null : new RateLimit((int)perSecond.Value, (int)burst.Value);
    }

    private void ReadMediators(JsonElement root)
    {
        if (!TryGet(root, "mediators", "mediators", out var mediators) || !IsObject(mediators, "mediators")) return;
        var keys = new HashSet<string>(KeyIdentifier.TextComparer);
        foreach (var member in mediators.EnumerateObject())
        {
            var path = $"mediators.{Shown(member.Name)}";
            if (!IsName(member.Name, path) || !IsObject(member.Value, path)) continue;
            CheckMembers(member.Value, path, "key", "weight");
            var key = Text(member.Value, "key", $"{path}.key");
            if (key is not null && !KeyIdentifier.IsKey(key))
            {
                Errors.Add($"{path}.key: expected https://{{vault}}/keys/{{name}} without a version, got {Excerpt.Of(key)}");
            }
            // Two mediators behind one key would let one signer count twice; to the vault, names that differ in case are one.
            else if (key is not null && !keys.Add(key)) Errors.Add($"{path}.key: expected a key of its own, got {Excerpt.Of(key)} again");
            var weight = Integer(member.Value, "weight", $"{path}.weight", 1, QuorumRule.MaxWeight);
            if (key is not null && weight is not null)
            {
                Mediators[member.Name] = new NegotiationMediator(member.Name, key, (int)weight.Value);
            }
        }
    }

    private void ReadRule(JsonElement root)
    {
        var quorum = Integer(root, "quorum", "quorum", 1, int.MaxValue);
        if (quorum is null || Errors.Exists(e => e.StartsWith("mediators", StringComparison.Ordinal))) return;
        var weights = Mediators.ToDictionary(m => m.Key, m => m.Value.Weight);
        if (QuorumRule.Check(weights, (int)quorum.Value, out var total) is { } error) Errors.Add($"quorum: {error}");
        // Otherwise mediators that have nothing to do with each other could pass two envelopes under one id, each with its quorum.
        else if (2 * quorum.Value <= total)
        {
            Errors.Add(
                $"quorum: expected more than half of the total weight {total}, so that any two quorums share a mediator, got {quorum}");
        }
        else Rule = new QuorumRule(weights, (int)quorum.Value);
    }

    private void ReadRoutes(JsonElement root)
    {
        if (!root.TryGetProperty("routes", out var routes)) return;
        Routes = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        if (routes.ValueKind != JsonValueKind.Array)
        {
            Errors.Add("routes: expected an array, got another value");
            return;
        }
        var index = 0;
        foreach (var route in routes.EnumerateArray())
        {
            var path = $"routes[{index++}]";
            if (!IsObject(route, path)) continue;
            CheckMembers(route, path, "from", "to");
            var from = Text(route, "from", $"{path}.from");
            if (from is not null && !Delegations.ContainsKey(from))
            {
                Errors.Add($"{path}.from: expected a delegation of this document, got {Excerpt.Of(from)}");
            }
            if (from is null || !TryGet(route, "to", $"{path}.to", out var to)) continue;
            if (to.ValueKind != JsonValueKind.Array || to.GetArrayLength() == 0)
            {
                Errors.Add($"{path}.to: expected an array of names, got none");
                continue;
            }
            if (!Routes.TryGetValue(from, out var targets)) Routes[from] = targets = new HashSet<string>(StringComparer.Ordinal);
            foreach (var element in to.EnumerateArray())
            {
                var name = element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
                if (!Delegations.ContainsKey(name) || name == from)
                {
                    Errors.Add($"{path}.to: expected another delegation of this document, got {Excerpt.Of(name)}");
                }
                else targets.Add(name);
            }
        }
    }

    private void ReadMode(JsonElement root)
    {
        if (!root.TryGetProperty("mode", out _)) return;
        var text = Text(root, "mode", "mode");
        if (NegotiationModeText.TryParse(text, out var mode)) Mode = mode;
        else if (text is not null) Errors.Add($"mode: expected open, read-only or closed, got {Excerpt.Of(text)}");
    }

    private static bool IsTopic(string topic) =>
        topic.StartsWith(TopicPrefix, StringComparison.Ordinal) && RelayName.IsValid(topic.AsSpan(TopicPrefix.Length));

    private static bool IsNumbered(string? keyId, string prefix)
    {
        if (keyId is null || !keyId.StartsWith(prefix, StringComparison.Ordinal)) return false;
        var number = keyId.AsSpan(prefix.Length);
        return number.Length is > 0 and <= 9 && number[0] != '0' && !number.ContainsAnyExceptInRange('0', '9');
    }

    private static string Shown(string name) => RelayName.IsValid(name) ? name : Excerpt.Of(name);

    private bool IsName(string name, string path)
    {
        if (RelayName.IsValid(name)) return true;
        Errors.Add($"{path}: expected a name of [a-z0-9-] up to {RelayName.MaxLength} characters, got another");
        return false;
    }

    private bool IsObject(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.Object) return true;
        Errors.Add($"{path}: expected an object, got another value");
        return false;
    }

    private void CheckMembers(JsonElement element, string path, params ReadOnlySpan<string> known)
    {
        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                Errors.Add($"{path}: expected only {string.Join(", ", known.ToArray())}, got {Excerpt.Of(member.Name)}");
            }
        }
    }

    private bool TryGet(JsonElement element, string name, string path, out JsonElement value)
    {
        if (element.TryGetProperty(name, out value)) return true;
        Errors.Add($"{path}: expected this member, which is absent");
        return false;
    }

    private bool TryGetArray(JsonElement element, string name, string path, int maxLength, out JsonElement.ArrayEnumerator items)
    {
        items = default;
        if (!element.TryGetProperty(name, out var array)) return false;
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > maxLength)
        {
            Errors.Add($"{path}: expected an array of at most {maxLength}, got something else");
            return false;
        }
        items = array.EnumerateArray();
        return true;
    }

    private string? Text(JsonElement element, string name, string path)
    {
        if (!TryGet(element, name, path, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        Errors.Add($"{path}: expected a string, got another value");
        return null;
    }

    private long? Integer(JsonElement element, string name, string path, long min, long max)
    {
        if (!TryGet(element, name, path, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max) return number;
        Errors.Add($"{path}: expected an integer from {min} to {max}, got something else");
        return null;
    }
}
