using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.DeadLetters;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operating;
using Relay.Functions.Operations;

namespace Relay.Functions;

/// <summary>
/// Dead letters for operators, of the queues or of a delegation's subscription: <c>GET /api/dead-letters</c> counts and shows them,
/// <c>POST .../redrive</c> puts them back on their queues or topic, <c>.../drop</c> removes them for good, <c>GET .../log</c> is what
/// operators did. The same as <c>relay dlq</c>, by the same code.
/// </summary>
/// <remarks>
/// A redrive or a drop works for some seconds and says how far it has come; the same call again goes on, at whatever worker, since what was
/// done stands in the operators' log. It ends after what is under way when the caller goes away.
/// </remarks>
public sealed class OperateDeadLetters(DeadLetterOffice office, DeadLetterActs acts, DeadLetterTopics topics)
{
    private const string Route = "dead-letters";
    private const int MostShown = 1_000;
    private const int MostEntries = 100;

    [Function("ListDeadLetters")]
    [Operation("GET", CallerKind.Operator, "Counts dead letters by reason, negotiation, sender and lane, and shows some.")]
    [Query("reason", "Only those with this reason.", Text = "quorum-not-met", IsOptional = true)]
    [Query("negotiation", "Only envelopes of this negotiation.", Text = "doha-2026", IsOptional = true)]
    [Query("sender", "Only envelopes of this sender.", Text = "us", IsOptional = true)]
    [Query("lane", "Only those of one lane's queue; on a topic, only envelopes of the lane.", Text = "normal", IsOptional = true)]
    [Query("since", "Only those that came there at this time or later, milliseconds since 1970.", 1_796_000_000_000, IsOptional = true)]
    [Query("before", "Only those that came there before this time.", 1_797_000_000_000, IsOptional = true)]
    [Query("number", "Only the one with the bus's number.", 1, IsOptional = true)]
    [Query("topic", "Those of this delegation's topic instead of the queues'.", Text = "delegation-iran", IsOptional = true)]
    [Query("subscription", "The topic's subscription; inbox when left out.", Text = "inbox", IsOptional = true)]
    [Query("count", "Shows so many too, at most 1000; none when left out.", 20, IsOptional = true)]
    [Answer(200, "application/json", "The counts, and those shown, without their bodies.", Body = typeof(DeadLetterList))]
    [Problems(400, 404, 503)]
    public Task<IActionResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route)] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return acts.GuardAsync(async () =>
        {
            if (DeadLetterWish.Read(request.Query, out var problem) is not { } wish) return Malformed(problem);
            var count = DeadLetterWish.Whole(request.Query, "count") ?? 0;
            if (count is < 0 or > MostShown) return Malformed("expected a count of at most 1000, got something else");
            var groups = await office.CountAsync(wish.Filter, cancellationToken);
            var shown = count == 0 ? null : await office.SurveyAsync(wish.Filter, (int)count, cancellationToken);
            var others = wish.Topic is null ? await topics.FindAsync(wish.Negotiation, cancellationToken) : null;
            return new JsonAnswer(StatusCodes.Status200OK, DeadLetterList.Of(groups, shown) with { Topics = others });
        });
    }

    [Function("RedriveDeadLetters")]
    [Operation("POST", CallerKind.Operator, "Puts dead letters back on their queues or topic, unchanged and in each sender's order.")]
    [Takes("application/json", "Which, and how fast.", Body = typeof(DeadLetterWish))]
    [Answer(200, "application/json", "What this call did, or would do.", Body = typeof(DeadLetterOutcome))]
    [Problems(400, 404, 408, 409, 413, 415, 422, 503)]
    public Task<IActionResult> RedriveAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route + "/redrive")] HttpRequest request, CancellationToken cancellationToken) =>
        ActAsync(request, wish => acts.RedriveAsync(request.HttpContext, wish, cancellationToken), cancellationToken);

    [Function("DropDeadLetters")]
    [Operation("POST", CallerKind.Operator, "Removes dead letters for good; the operators' log keeps which they were, and why.")]
    [Takes("application/json", "Which, and why.", Body = typeof(DeadLetterWish))]
    [Answer(200, "application/json", "What this call did, or would do.", Body = typeof(DeadLetterOutcome))]
    [Problems(400, 404, 408, 409, 413, 415, 422, 503)]
    public Task<IActionResult> DropAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route + "/drop")] HttpRequest request, CancellationToken cancellationToken) =>
        ActAsync(
            request,
            wish => wish switch
            {
                { Because: null, DryRun: not true } => Task.FromResult<IActionResult>(Malformed("expected because, got none")),
                { All: not true } when wish.Filter.TakesAll => Task.FromResult<IActionResult>(
                    Malformed("expected which dead letters to drop, or all, got neither")),
                _ => acts.DropAsync(request.HttpContext, wish, cancellationToken),
            },
            cancellationToken);

    [Function("ReadOperatorsLog")]
    [Operation("GET", CallerKind.Operator, "What operators did with dead letters, each act with the hash of the one before.")]
    [Query("from", "Index of the first entry wanted; the last 100 when left out.", 0, IsOptional = true)]
    [Answer(200, "application/json", "The log, verified.", Body = typeof(OperatorsLog))]
    [Problems(400, 503)]
    public Task<IActionResult> LogAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route + "/log")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return acts.GuardAsync(async () =>
        {
            var from = DeadLetterWish.Whole(request.Query, "from");
            if (from is < 0 or > int.MaxValue) return Malformed("expected from as the index of an entry, got something else");
            var log = await office.ReadLogAsync(cancellationToken);
            var first = (int)(from ?? Math.Max(0, log.Entries.Count - MostEntries));
            var entries = log.Entries.Skip(first).Take(MostEntries).Select(entry => new OperatorsLog.Entry(
                entry.Index, entry.At, entry.By, entry.Act.ToText(), entry.Run, entry.Count, entry.Filter, entry.Because));
            return new JsonAnswer(
                StatusCodes.Status200OK, new OperatorsLog(log.Entries.Count, log.Head?.ToString(), [.. entries]));
        });
    }

    private static async Task<IActionResult> ActAsync(
        HttpRequest request, Func<DeadLetterWish, Task<IActionResult>> act, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (BodyForm.Refuse(request) is { } foreign) return foreign;
        return await RequestBody.TakeAsync(
            request,
            DeadLetterWish.MaxBytes,
            async json => DeadLetterWish.Read(json.Span, out var problem) is { } wish ? await act(wish) : Malformed(problem),
            static came => Problems.Oversize(DeadLetterWish.MaxBytes, came),
            cancellationToken);
    }

    private static JsonAnswer Malformed(string detail) => Problems.Create(400, "malformed-choice", "Malformed", detail, null);
}
