using Microsoft.AspNetCore.Mvc;
using Relay.Core;
using Relay.Core.Settlement;

namespace Relay.Functions.Http;

/// <summary>Problem details (RFC 9457): <c>type</c> is <c>urn:relay:{reason}</c>, <c>detail</c> says what was expected and what came, <c>id</c> is the envelope's.</summary>
internal static class Problems
{
    private const string MediaType = "application/problem+json";

    // What an unavailable dependency needs at least; the queue's own retries take over once an envelope is on it.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    public static JsonAnswer Of(Ruling ruling) =>
        Create(VerdictTable.For(ruling.Verdict).HttpStatus, ruling.Reason, ruling.Verdict.ToString(), ruling.Description, ruling.Id?.ToString());

    /// <summary>Says that something went wrong here, and nothing about what.</summary>
    public static JsonAnswer Unexpected() => Create(500, "unexpected", "Unexpected", "expected to answer the request, failed; the operator's log says why", null);

    /// <summary>The body could not be read to its end.</summary>
    public static JsonAnswer UnreadableBody(int status) => Create(status, "unreadable-body", "UnreadableBody", "expected a complete request body, got a broken one", null);

    /// <summary>A problem of the reason given.</summary>
    public static JsonAnswer Create(int status, string reason, string title, string detail, string? id)
    {
        var problem = new ProblemDetails { Type = "urn:relay:" + reason, Title = title, Status = status, Detail = detail };
        if (id is not null) problem.Extensions["id"] = id;
        return new JsonAnswer(status, problem, MediaType) { Challenge = status == 401, RetryAfter = status == 503 ? RetryAfter : null };
    }
}
