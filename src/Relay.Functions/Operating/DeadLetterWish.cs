using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Relay.DeadLetters;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Operating;

/// <summary>Which dead letters are meant, and what is to become of them. What is left out means any.</summary>
/// <param name="Reason">Why they are dead letters, as the list has it.</param>
/// <param name="Negotiation">Name of the negotiation.</param>
/// <param name="Sender">Name of the sending delegation.</param>
/// <param name="Lane">Of the queue, on a topic of the envelope: <c>normal</c> or <c>urgent</c>.</param>
/// <param name="Since">Came there at this time or later, milliseconds since 1970.</param>
/// <param name="Before">Came there before this time.</param>
/// <param name="Number">The bus's number of a single one.</param>
/// <param name="Topic">A delegation's topic, to look there instead of on the queues.</param>
/// <param name="Subscription">The topic's subscription; <c>inbox</c> when left out.</param>
/// <param name="DryRun">True to be told how many there are and shown some; nothing is changed.</param>
/// <param name="Rate">Of a redrive: at most so many a second, 1 to 10,000; 200 when left out.</param>
/// <param name="Seconds">How long this call may work, 1 to 60; 20 when left out. The same again goes on.</param>
/// <param name="Because">Of a drop: why, 1 to 1,000 characters, for the operators' log.</param>
/// <param name="All">Of a drop that names none of the above: true to drop all.</param>
public sealed record DeadLetterWish(
    string? Reason = null,
    string? Negotiation = null,
    string? Sender = null,
    string? Lane = null,
    long? Since = null,
    long? Before = null,
    long? Number = null,
    string? Topic = null,
    string? Subscription = null,
    bool? DryRun = null,
    int? Rate = null,
    int? Seconds = null,
    string? Because = null,
    bool? All = null)
{
    internal const int MaxBytes = 4_096;

    // The last millisecond of the year 9999.
    private const long LastMoment = 253_402_300_799_999;

    // A member that is misspelt would mean more than was meant.
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = 4,
    };

    /// <summary>From a body.</summary>
    /// <param name="json">What came.</param>
    /// <param name="problem">What was expected and came; empty when it is good.</param>
    internal static DeadLetterWish? Read(ReadOnlySpan<byte> json, out string problem)
    {
        problem = "expected a JSON object whose members are those of the description, each once, got something else";
        try
        {
            if (JsonSerializer.Deserialize<DeadLetterWish>(json, Strict) is not { } wish) return null;
            problem = wish.Problem();
            return problem.Length == 0 ? wish : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>From a query.</summary>
    internal static DeadLetterWish? Read(IQueryCollection query, out string problem)
    {
        var wish = new DeadLetterWish(
            Text(query, "reason"), Text(query, "negotiation"), Text(query, "sender"), Text(query, "lane"), Whole(query, "since"),
            Whole(query, "before"), Whole(query, "number"), Text(query, "topic"), Text(query, "subscription"));
        problem = wish.Problem();
        return problem.Length == 0 ? wish : null;
    }

    /// <summary>A whole number of the query: -1 for what is none, null where there is none.</summary>
    internal static long? Whole(IQueryCollection query, string name) => Text(query, name) switch
    {
        null => null,
        var text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1,
    };

    /// <summary>What names them; the default means all.</summary>
    internal DeadLetterFilter Filter => new()
    {
        Reason = Reason,
        Negotiation = Negotiation,
        Sender = Sender,
        Lane = LaneText.TryParse(Lane, out var lane) ? lane : null,
        Since = MomentOf(Since),
        Before = MomentOf(Before),
        Number = Number,
        Subscription = DeadLetterSource.TryOfTopic(Topic, Subscription, out var subscription) ? subscription : null,
    };

    private static DateTimeOffset? MomentOf(long? at) => at is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;

    private static string? Text(IQueryCollection query, string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;

    private string Problem()
    {
        if (Reason is { Length: 0 or > 256 }) return "expected a reason of 1 to 256 characters, got another";
        if (!IsName(Negotiation) || !IsName(Sender)) return "expected names, [a-z0-9] then up to 49 of [a-z0-9-], got something else";
        if (Lane is not null && !LaneText.TryParse(Lane, out _)) return "expected lane normal or urgent, got something else";
        if (!IsMoment(Since) || !IsMoment(Before)) return "expected since and before in milliseconds since 1970, got something else";
        if (Number is < 0) return "expected the bus's number, 0 or more, got something else";
        if (Topic is null && Subscription is not null) return "expected a topic with the subscription, got none";
        if (Topic is not null && !DeadLetterSource.TryOfTopic(Topic, Subscription, out _))
        {
            return "expected a delegation's topic, delegation- and its name, and the name of a subscription, got something else";
        }
        if (Rate is < 1 or > 10_000) return "expected a rate of 1 to 10000 a second, got another";
        if (Seconds is < 1 or > 60) return "expected 1 to 60 seconds, got another number";
        return Because is { Length: 0 or > 1_000 } ? "expected because of 1 to 1000 characters, got another" : "";
    }

    private static bool IsName(string? name) => name is null || RelayName.IsValid(name);

    private static bool IsMoment(long? at) => at is null or (>= 0 and <= LastMoment);
}
