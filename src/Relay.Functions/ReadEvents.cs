using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Live;
using Relay.Functions.Operations;

namespace Relay.Functions;

/// <summary>Stats as they change, as server-sent events: of one negotiation for its members, of all for operators.</summary>
public sealed class ReadEvents(LiveFeeds feeds)
{
    private const string Events =
        "Server-sent events 'stats' whose data is what the route stats answers, each when it has changed; ends after a while, to be asked "
        + "for again with Last-Event-ID.";

    [Function("ReadNegotiationEvents")]
    [Operation("GET", CallerKind.Member | CallerKind.Operator, "The negotiation's stats, live.")]
    [Answer(200, EventStreamAnswer.MediaType, Events)]
    [Problems(404, 503)]
    public IActionResult Negotiation(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "negotiations/{negotiation}/events")] HttpRequest request,
        string negotiation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new EventStreamAnswer(feeds, negotiation, TooMany());
    }

    [Function("ReadEvents")]
    [Operation("GET", CallerKind.Operator, "The same of all negotiations.")]
    [Answer(200, EventStreamAnswer.MediaType, Events)]
    [Problems(503)]
    public IActionResult Relay([HttpTrigger(AuthorizationLevel.Anonymous, Route = "events")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new EventStreamAnswer(feeds, null, TooMany());
    }

    private JsonAnswer TooMany() => Problems.Create(
        StatusCodes.Status503ServiceUnavailable,
        "too-many-viewers",
        "TooManyViewers",
        $"expected at most {feeds.MaxViewers} streams of events at once, got one more: ask for the stats instead",
        null);
}
