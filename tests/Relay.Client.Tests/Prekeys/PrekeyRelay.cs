using System.Net;
using System.Text.Json.Nodes;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Prekeys;

/// <summary>
/// The relay's HTTP API for prekeys over a ledger in memory, as far as one that is honest goes; and what a test has it do otherwise.
/// </summary>
internal sealed class PrekeyRelay(TestLedger ledger, Digest policy, TimeProvider time) : HttpMessageHandler
{
    private readonly Dictionary<string, (PrekeyBundle Bundle, long Entry, int Given, long Last)> _bundles = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, EnvelopeId), long> _given = [];

    /// <summary>Everything that was sent to it.</summary>
    public List<byte[]> Bodies { get; } = [];

    /// <summary>Everything that it answered.</summary>
    public List<byte[]> Answers { get; } = [];

    /// <summary>Status of the next answer in place of what would be said; what was asked is done all the same.</summary>
    public HttpStatusCode? Says { get; set; }

    /// <summary>True when nothing answers at all.</summary>
    public bool IsDown { get; set; }

    /// <summary>Bundle that is handed out in place of the newest; null for the newest.</summary>
    public PrekeyBundle? Instead { get; set; }

    public HttpClient Client() => new(this, disposeHandler: false) { BaseAddress = new Uri("https://relay.example/") };

    public int LeftOf(string delegation) => _bundles[delegation].Bundle.OneTime.Length - _bundles[delegation].Given;

    public PrekeyBundle BundleOf(string delegation) => _bundles[delegation].Bundle;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsDown) throw new HttpRequestException("connection refused");
        var path = request.RequestUri!.AbsolutePath.Split('/');
        var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        Bodies.Add(body);
        var (status, answer) = (request.Method.Method, path[^1]) switch
        {
            ("PUT", "prekeys") => Put(body),
            ("POST", "claim") => Claim(body),
            ("POST", "check") => Check(path[^3], body),
            _ => throw new InvalidOperationException(request.RequestUri.AbsolutePath),
        };
        Answers.Add(answer);
        if (Says is { } said) (status, Says) = (said, null);
        return new HttpResponseMessage(status) { Content = new ByteArrayContent(answer) };
    }

    private (HttpStatusCode, byte[]) Put(byte[] body)
    {
        Assert.True(PrekeyBundle.TryParse(body, out var bundle, out _, out var detail), detail);
        var before = _bundles.GetValueOrDefault(bundle.Delegation);
        if (before.Bundle?.Digest == bundle.Digest) return (HttpStatusCode.OK, Receipt(before.Entry));
        var isBack = before.Bundle is { } old
            && (bundle.Number <= old.Number || (!bundle.OneTime.IsEmpty && bundle.First < old.First + old.OneTime.Length));
        if (isBack)
        {
            return (HttpStatusCode.Conflict, "{}"u8.ToArray());
        }
        var entry = ledger.Append(
            new PrekeysEntry { Bundle = bundle, Policy = policy, Previous = before.Last, At = time.GetUtcNow() }.ToBytes());
        _bundles[bundle.Delegation] = (bundle, entry, 0, entry);
        return (HttpStatusCode.Created, Receipt(entry));
    }

    private (HttpStatusCode, byte[]) Claim(byte[] body)
    {
        Assert.True(PrekeyClaim.TryParse(body, out var claim, out _, out var detail), detail);
        if (!_bundles.TryGetValue(claim.Target, out var state)) return (HttpStatusCode.NotFound, "{}"u8.ToArray());
        var bundle = Instead ?? state.Bundle;
        var known = claim.Envelopes.Where(id => _given.ContainsKey((claim.Target, id)))
            .Select(id => _given[(claim.Target, id)])
            .ToHashSet();
        var marks = "";
        var (left, given) = (bundle.OneTime.Length - state.Given, 0);
        foreach (var id in claim.Envelopes)
        {
            marks += _given.ContainsKey((claim.Target, id)) ? 'r' : given < left ? 'n' : 's';
            if (marks[^1] == 'n') given++;
        }
        if (marks.All(mark => mark == 'r')) return Answer([.. known]);
        var entry = new ClaimEntry
        {
            Policy = policy,
            Number = bundle.Number,
            Bundle = bundle.Digest,
            Previous = state.Last,
            First = given == 0 ? 0 : bundle.First + state.Given,
            Left = left - given,
            Marks = marks,
            Claim = claim,
            At = time.GetUtcNow(),
        };
        var index = ledger.Append(entry.ToBytes());
        foreach (var (id, _) in entry.HandedOut) _given[(claim.Target, id)] = index;
        _bundles[claim.Target] = state with { Given = state.Given + given, Last = given == 0 ? state.Last : index };
        return Answer([index, .. known]);
    }

    private (HttpStatusCode, byte[]) Check(string delegation, byte[] body)
    {
        if (!_bundles.TryGetValue(delegation, out var state)) return (HttpStatusCode.NotFound, "{}"u8.ToArray());
        var isSame = (string?)JsonNode.Parse(body)!["digest"] == state.Bundle.Digest.ToString();
        var json = new JsonObject
        {
            ["number"] = state.Bundle.Number,
            ["left"] = state.Bundle.OneTime.Length - state.Given,
            ["expires"] = state.Bundle.ExpiresAt,
            ["same"] = isSame,
        };
        return (HttpStatusCode.OK, System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    private (HttpStatusCode, byte[]) Answer(long[] entries)
    {
        var digests = entries.Select(index => Entry(index).Bundle).ToHashSet();
        var bundles = ledger.Entries
            .Select(text => LedgerEntry.TryParse(text, out var entry, out _) ? (entry as PrekeysEntry)?.Bundle : null)
            .OfType<PrekeyBundle>()
            .Append(Instead)
            .Where(bundle => bundle is not null && digests.Remove(bundle.Digest))
            .Select(bundle => bundle!.Bytes);
        return (HttpStatusCode.OK, ClaimAnswer.Write(entries.Select(index => (ReadOnlyMemory<byte>)Receipt(index)), bundles));
    }

    private ClaimEntry Entry(long index)
    {
        Assert.True(LedgerEntry.TryParse(ledger.Entries[(int)index], out var entry, out var error), error);
        return Assert.IsType<ClaimEntry>(entry);
    }

    private byte[] Receipt(long index) => System.Text.Encoding.UTF8.GetBytes(ledger.Receipt(index));
}
