using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Core.Ledger.Reading;
using Relay.Core.Rulings;

namespace Relay.Functions.Http;

/// <summary>
/// Problem details (RFC 9457): <c>type</c> is <c>urn:relay:{reason}</c>,
/// <c>detail</c> says what was expected and what came, <c>id</c> is the envelope's, <c>next</c> the sequence that its stream expects.
/// </summary>
internal static class Problems
{
    // Types of draft-ietf-httpapi-ratelimit-headers-10.
    private const string Registered = "https://iana.org/assignments/http-problem-types#";
    private const string MediaType = "application/problem+json";

    // The same bytes whatever the reason, so without the envelope's id.
    private const string NotProved =
        "expected an envelope with signatures of a quorum of its negotiation's mediators, between delegations that it lets speak, got one "
        + "of which that is not proved. Whoever has proved nothing is told no reason: 'relay verify envelope' tells what can be told "
        + "without the relay, and what that finds well may be taken later";

    // What an unavailable dependency needs at least; the queue's own retries take over once an envelope is on it.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    // What is counted by the second is counted anew in the next.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    public static JsonAnswer Of(Ruling ruling)
    {
        var row = VerdictTable.For(ruling.Verdict);
        return row.IsUnproved
            ? Create(row.HttpStatus, ReasonCodes.NotProved, "EnvelopeNotProved", NotProved, null)
            : Create(row.HttpStatus, ruling.Reason, ruling.Verdict.ToString(), ruling.Description, ruling.Id?.ToString(), ruling.Next);
    }

    /// <summary>More than a rate lets through: which limits, and when it goes on.</summary>
    /// <param name="headers">Of the answer; get the fields of rates.</param>
    /// <param name="standing">With <see cref="RateStanding.Wait"/>.</param>
    public static JsonAnswer RateLimited(IHeaderDictionary headers, RateStanding standing)
    {
        RateFields.Write(headers, standing);
        var ruling = standing.Wait!;
        var problem = Details(
            429, ruling.Reason, ruling.Verdict.ToString(), ruling.Description, ruling.Id?.ToString(), ruling.Next);
        problem.Extensions["violated-policies"] =
            standing.Quotas.Where(static quota => quota.IsViolated).Select(static quota => quota.Name).ToList();
        problem.Extensions["until"] = ruling.Until;
        return new(429, problem, MediaType) { RetryAfter = standing.After };
    }

    /// <summary>Says that something went wrong here, and nothing about what.</summary>
    public static JsonAnswer Unexpected() =>
        Create(500, "unexpected", "Unexpected", "expected to answer the request, failed; the operator's log says why", null);

    /// <summary>The body is longer than it may be.</summary>
    public static JsonAnswer Oversize(int maxBytes, long came) =>
        Create(413, ReasonCodes.Oversize, "Oversize", $"expected at most {maxBytes} bytes, got {came}", null);

    /// <summary>The body could not be read to its end.</summary>
    public static JsonAnswer UnreadableBody(int status) => status == StatusCodes.Status408RequestTimeout
        ? Create(408, "body-too-slow", "BodyTooSlow", "expected the body at 240 bytes a second or faster, got it slower", null)
        : Create(status, "unreadable-body", "UnreadableBody", "expected a complete request body, got a broken one", null);

    /// <summary>A method that the resource has not.</summary>
    public static JsonAnswer MethodNotAllowed(string allowed) =>
        new(405, Details(405, "method-not-allowed", "MethodNotAllowed", $"expected one of {allowed}, got another method", null), MediaType)
        {
            Allow = allowed,
        };

    /// <summary>A body in a content coding; none is taken.</summary>
    public static JsonAnswer UnsupportedCoding(string coding)
    {
        var detail = $"expected the body as it is, got Content-Encoding {coding}: send it uncompressed";
        return new(415, Details(415, "unsupported-coding", "UnsupportedCoding", detail, null), MediaType) { AcceptEncoding = "identity" };
    }

    /// <summary>A body that says that it is no envelope.</summary>
    /// <param name="expectedAndCame">What was expected and what came.</param>
    public static JsonAnswer UnsupportedType(string expectedAndCame) =>
        Create(415, "unsupported-media-type", "UnsupportedMediaType", "expected " + expectedAndCame, null);

    /// <summary>A problem of the reason given.</summary>
    public static JsonAnswer Create(int status, string reason, string title, string detail, string? id, long? next = null) =>
        new(status, Details(status, reason, title, detail, id, next), MediaType)
        {
            Challenge = status == 401,
            RetryAfter = status switch { 503 => RetryAfter, 429 => Moment, _ => null },
        };

    private static ProblemDetails Details(int status, string reason, string title, string detail, string? id, long? next = null)
    {
        var problem = new ProblemDetails { Type = "urn:relay:" + reason, Title = title, Status = status, Detail = detail };
        if (id is not null) problem.Extensions["id"] = id;
        if (next is not null) problem.Extensions["next"] = next;
        // A problem has one type, and ours says more: who knows only the registered ones finds theirs here.
        if (status is 429) problem.Extensions["registered-type"] = Registered + "quota-exceeded";
        if (status is 503) problem.Extensions["registered-type"] = Registered + "temporary-reduced-capacity";
        return problem;
    }
}
