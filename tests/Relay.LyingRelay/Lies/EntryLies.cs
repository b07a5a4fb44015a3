using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Forging;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.LyingRelay.Lies;

/// <summary>Entries that no rule of the relay lets through, written and signed as any other.</summary>
internal static class EntryLies
{
    private const string Middle = "us/normal/3";
    private const string Tail = "us/normal/7";

    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.OtherAudience] = Edit(
            "names another audience in the entry of an envelope and does not forward it",
            Tail,
            static lines => EntryText.EditHead(lines, "\"aud\":[\"iran\"]", "\"aud\":[\"oman\"]")),
        [LieKind.NoAudience] = Edit(
            "names no audience in the entry of an envelope and does not forward it",
            Tail,
            static lines => EntryText.EditHead(lines, "\"aud\":[\"iran\"]", "\"aud\":[]")),
        [LieKind.OtherContentInEntry] = new("logs another content's hash than the one that it forwards, with a receipt of that entry")
        {
            Write = static (telling, entries) => EditAsync(
                entries,
                Tail,
                lines => EntryText.EditHead(
                    lines, telling.Said(Tail).Head.ContentHash.ToString(), Digest.Of("another"u8).ToString())),
            Forward = static (telling, deliveries) => ForwardAnyhowAsync(telling, deliveries),
        },
        [LieKind.BelowQuorum] = Edit(
            "logs an envelope with the signatures of mediators that do not reach the quorum",
            Middle,
            static lines => lines.RemoveRange(EntryText.Signatures + 1, lines.Count - EntryText.Signatures - 1)),
        [LieKind.NoSignature] = Edit(
            "logs an envelope without a signature",
            Middle,
            static lines => lines.RemoveRange(EntryText.Signatures, lines.Count - EntryText.Signatures)),
        [LieKind.SignatureTwice] = Edit(
            "counts one mediator's signature three times",
            Middle,
            static lines =>
            {
                lines.RemoveRange(EntryText.Signatures + 1, lines.Count - EntryText.Signatures - 1);
                lines.AddRange([lines[^1], lines[^1]]);
            }),
        [LieKind.SignaturesOfAnother] = new("logs an envelope with the signatures that mediators made over another")
        {
            Write = static (_, entries) =>
            {
                var other = EntryText.Lines(entries[EntryText.Find(entries, "us/normal/2")])[EntryText.Signatures..];
                return EditAsync(entries, Middle, lines => lines.ReplaceSignatures(other));
            },
        },
        [LieKind.SignaturesOutOfOrder] = Edit(
            "logs an envelope's signatures in another order than the one text of an entry",
            Middle,
            static lines => lines.Reverse(EntryText.Signatures, lines.Count - EntryText.Signatures)),
        [LieKind.UnknownMediator] = ReSign("logs an envelope with the signature of a mediator of nobody's", "france", "france"),
        [LieKind.MediatorsNameOtherKey] = ReSign("logs an envelope that it signed itself under a mediator's name", "qatar", "france"),
        [LieKind.UnknownKeyVersion] = new("logs an envelope with a signature by a version of a mediator's key that nobody knows")
        {
            Write = static async (telling, entries) =>
            {
                var id = Company.KeyId("qatar", new string('f', 32));
                await SignAgainAsync(telling, entries, id, "france");
            },
        },
        [LieKind.OtherNegotiationLogged] = new("logs an envelope of another negotiation, with its quorum")
        {
            Write = static (telling, entries) => AddAsync(
                telling, entries, new EnvelopeId(Company.OtherNegotiation, "us", Lane.Normal, 1), ["iran"]),
        },
        [LieKind.ForbiddenRoute] = new("logs an envelope for a delegation that its sender may not address, with its quorum")
        {
            Write = static (telling, entries) => AddAsync(
                telling, entries, new EnvelopeId(Company.Negotiation, "iran", Lane.Urgent, 1), ["oman"]),
        },
        [LieKind.LoggedAfterExpiry] = new("logs an envelope after it has expired")
        {
            Write = static (_, entries) => MoveAsync(entries, EntryText.Find(entries, "us/urgent/2"), TimeSpan.FromMinutes(5)),
            ListensAfter = TimeSpan.FromMinutes(3.2),
        },
        [LieKind.DatedBeforeWritten] = new("dates every entry an hour back, before the envelopes were written")
        {
            Write = static (_, entries) => MoveAsync(entries, 0, TimeSpan.FromHours(-1)),
        },
        [LieKind.TimeRunsBackwards] = Edit(
            "dates an entry before the one before it", Middle, static lines => EntryText.Move(lines, TimeSpan.FromMinutes(-1))),
        [LieKind.FutureEntry] = Edit(
            "dates an entry fifty years ahead",
            Tail,
            static lines => EntryText.Move(lines, TimeSpan.FromDays(50 * 365))),
        [LieKind.LoggedTwice] = new("logs an envelope twice")
        {
            Write = static (_, entries) =>
            {
                entries.Insert(EntryText.Find(entries, Middle), entries[EntryText.Find(entries, Middle)]);
                return Task.CompletedTask;
            },
        },
        [LieKind.Reordered] = new("logs a stream in another order than its sender's")
        {
            Write = static (_, entries) =>
            {
                var (one, other) = (EntryText.Find(entries, "us/normal/2"), EntryText.Find(entries, Middle));
                (entries[one], entries[other]) = (entries[other], entries[one]);
                var (first, second) = (EntryText.Lines(entries[one]), EntryText.Lines(entries[other]));
                (first[EntryText.Time], second[EntryText.Time]) = (second[EntryText.Time], first[EntryText.Time]);
                (entries[one], entries[other]) = (EntryText.Join(first), EntryText.Join(second));
                return Task.CompletedTask;
            },
        },
        [LieKind.GapInStream] = new("leaves an envelope out of its stream and logs those after it")
        {
            Write = static (_, entries) =>
            {
                entries.RemoveAt(EntryText.Find(entries, Middle));
                return Task.CompletedTask;
            },
        },
        [LieKind.UnknownKindOfEntry] = new("logs an entry of a kind that nobody knows")
        {
            Write = static (_, entries) => AppendAsync(entries, "relay/oddity/v1\n1"),
        },
        [LieKind.UnknownPolicyInEntry] = Edit(
            "logs an envelope as judged by a document that nobody has",
            Middle,
            static lines => lines[EntryText.Policy] = Convert.ToBase64String(Digest.Of("no document"u8).ToArray())),
        [LieKind.PolicyVersionAgain] = new("puts the document in force a second time, with the same version")
        {
            Write = static (_, entries) => AppendAsync(entries, string.Join('\n', EntryText.Lines(entries[0])[..3])),
        },
        [LieKind.PolicyWithoutDocument] = new("puts a document in force that it does not keep")
        {
            Write = static (_, entries) => AppendAsync(
                entries, $"relay/policy/v1\n2\n{Convert.ToBase64String(Digest.Of("no document"u8).ToArray())}"),
        },
    };

    private static Lie Edit(string tells, string name, Action<List<string>> change) =>
        new(tells) { Write = (_, entries) => EditAsync(entries, name, change) };

    private static Task EditAsync(List<byte[]> entries, string name, Action<List<string>> change)
    {
        EntryText.Edit(entries, EntryText.Find(entries, name), change);
        return Task.CompletedTask;
    }

    /// <summary>Puts others in the place of an entry's signatures.</summary>
    internal static void ReplaceSignatures(this List<string> lines, IEnumerable<string> others)
    {
        lines.RemoveRange(EntryText.Signatures, lines.Count - EntryText.Signatures);
        lines.AddRange(others);
    }

    private static Lie ReSign(string tells, string name, string key) => new(tells)
    {
        Write = async (telling, entries) => await SignAgainAsync(telling, entries, Company.KeyId(name), key),
    };

    private static async Task SignAgainAsync(Telling telling, List<byte[]> entries, string keyId, string key)
    {
        using var signer = new Protocol.Signatures.LocalSigner(telling.Company.KeyOf(key), keyId);
        var signed = await SignedHead.SignAsync(telling.Said(Middle).Head, signer, CancellationToken.None);
        var old = EntryText.Envelope(entries[EntryText.Find(entries, Middle)])!;
        var made = new EnvelopeEntry { Judged = new JudgedHead(old.Policy, signed), At = old.At };
        entries[EntryText.Find(entries, Middle)] = made.ToBytes();
    }

    private static async Task AddAsync(Telling telling, List<byte[]> entries, EnvelopeId id, string[] audience)
    {
        var made = await Company.MakeAsync(id, audience, null, null, telling.Company.KeyOf);
        var judged = new JudgedHead(telling.Company.Document.PolicyDigest, made.SignedBy([0, 1, 2]));
        entries.Add(new EnvelopeEntry { Judged = judged, At = TimeOf(entries[^1]) }.ToBytes());
    }

    private static Task AppendAsync(List<byte[]> entries, string text)
    {
        entries.Add(EntryText.Join([.. text.Split('\n'), .. At(text, entries[^1])]));
        return Task.CompletedTask;
    }

    // The entry's last line, of the time of the entry before.
    private static string[] At(string text, byte[] before) => text.StartsWith("relay/policy", StringComparison.Ordinal)
        ? [TimeOf(before).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture)]
        : [];

    private static DateTimeOffset TimeOf(byte[] text) => EntryText.Envelope(text)!.At;

    private static Task MoveAsync(List<byte[]> entries, int from, TimeSpan by)
    {
        for (var i = from; i < entries.Count; i++) EntryText.Edit(entries, i, lines => EntryText.Move(lines, by));
        return Task.CompletedTask;
    }

    private static async Task ForwardAnyhowAsync(Telling telling, List<Delivery> deliveries)
    {
        var index = telling.Ledger!.Entries.Count - 1;
        deliveries.Add(new Delivery("iran", telling.Said(Tail)) { Receipt = await telling.Ledger.ReceiptAsync(index) });
    }
}
