using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Relay.Core.Rulings;
using Relay.DeadLetters;
using Relay.Functions.Diagnostics;
using Relay.Functions.Http;
using Relay.Functions.Middleware;

namespace Relay.Functions.Operating;

/// <summary>
/// Redrives and drops over HTTP, each call for so long as it may work; and what is answered when bus or log cannot be used.
/// </summary>
/// <param name="office">Does it.</param>
/// <param name="time">Clock of rate and time.</param>
/// <param name="logger">Gets what the operator is not told.</param>
public sealed class DeadLetterActs(DeadLetterOffice office, TimeProvider time, ILogger<DeadLetterActs> logger)
{
    private const int Sample = 10;

    // Of some 300 bytes each, all in memory at once: a redrive is in the order of each stream.
    private const int Most = 200_000;

    private static readonly TimeSpan UsualTime = TimeSpan.FromSeconds(20);
    private static readonly IProgress<RedriveProgress> Nobody = new Unheard();

    internal Task<IActionResult> RedriveAsync(HttpContext http, DeadLetterWish wish, CancellationToken cancellationToken) =>
        ActAsync(
            http,
            wish,
            (letters, run) => Planned(RedrivePlan.Of(letters, run.Before, time.GetUtcNow())),
            async (letters, run, token) =>
            {
                var plan = RedrivePlan.Of(letters, run.Before, time.GetUtcNow());
                if (plan.Ordered.Count + plan.Sent.Count == 0) return Planned(plan) with { Status = "complete", Sample = null };
                var redrive = new Redrive(office.Bus, run, wish.Rate ?? Redrive.UsualRate, time, Nobody);
                var result = await redrive.RunAsync(plan, wish.Filter, token);
                return Done(result, run, plan.Ordered.Count - result.Done - result.Gone) with { Hopeless = plan.Hopeless };
            },
            cancellationToken);

    internal Task<IActionResult> DropAsync(HttpContext http, DeadLetterWish wish, CancellationToken cancellationToken) =>
        ActAsync(
            http,
            wish,
            (letters, _) => Planned(letters),
            async (letters, run, token) =>
            {
                if (letters.Count == 0) return Planned(letters) with { Status = "complete", Sample = null };
                var result = await new Drop(office.Bus, run, Nobody).RunAsync(letters, wish.Filter, wish.Because!, token);
                return Done(result, run, letters.Count - result.Done);
            },
            cancellationToken);

    /// <summary>Answers what bus or log keep from being done.</summary>
    internal async Task<IActionResult> GuardAsync(Func<Task<IActionResult>> act)
    {
        try
        {
            return await act();
        }
        catch (OperatorLogBusyException)
        {
            const string Detail = "expected nobody else to act on dead letters at this moment, somebody does: the same call goes on later";
            return Problems.Create(409, "dead-letters-busy", "DeadLettersBusy", Detail, null);
        }
        catch (OperatorLogException e)
        {
            FunctionsLog.OperatorLogDamaged(logger, e);
            const string Detail = "expected the operators' log as it was written, got another: nothing was done";
            return Problems.Create(503, "operator-log-damaged", "OperatorLogDamaged", Detail, null);
        }
        catch (OperatorLogMissingException e)
        {
            return Problems.Create(503, "operator-log-missing", "OperatorLogMissing", e.Message, null);
        }
        catch (Exception e) when (DeadLetterOffice.IsOfNoSubscription(e))
        {
            const string Detail = "expected a delegation's topic and a subscription that the bus has, got names of none";
            return Problems.Create(404, "subscription-not-found", "NotFound", Detail, null);
        }
        catch (Exception e) when (DeadLetterOffice.IsUnavailable(e))
        {
            FunctionsLog.DeadLettersUnavailable(logger, e);
            const string Detail = "expected bus and operators' log within reach, one is not: the same call goes on later";
            return Problems.Create(503, ReasonCodes.QueueUnavailable, "DeadLettersUnavailable", Detail, null);
        }
    }

    private Task<IActionResult> ActAsync(
        HttpContext http,
        DeadLetterWish wish,
        Func<List<DeadLetter>, OperatorRun, DeadLetterOutcome> plan,
        Func<List<DeadLetter>, OperatorRun, CancellationToken, Task<DeadLetterOutcome>> actAsync,
        CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        using var over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        // Whoever goes away has it stopped too, after what is under way.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        var run = await office.PrepareAsync($"operator {http.Items[CallerMiddleware.Principal]} over HTTP", cancellationToken);
        var letters = await office.SurveyAsync(wish.Filter, Most + 1, cancellationToken);
        if (letters.Count > Most)
        {
            var detail = $"expected a choice of at most {Most} dead letters, got more: name a sender, a reason or a time";
            return Problems.Create(422, "too-many-dead-letters", "TooManyDeadLetters", detail, null);
        }

        // From here on: among very many dead letters all of the time would else be over before the first is put back, each time anew.
        over.CancelAfter(wish.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : UsualTime);
        var outcome = wish.DryRun == true ? plan(letters, run) : await actAsync(letters, run, stop.Token);
        return new JsonAnswer(StatusCodes.Status200OK, outcome);
    });

    private static DeadLetterOutcome Planned(RedrivePlan plan) => Planned(plan.Ordered) with
    {
        Before = plan.Sent.Count,
        PerhapsTwice = plan.PerhapsTwice.Count,
        Hopeless = plan.Hopeless,
    };

    private static DeadLetterOutcome Planned(IReadOnlyList<DeadLetter> letters) => new(
        "dry-run", null, 0, letters.Count, 0, 0, 0, 0, 0, [.. letters.Take(Sample).Select(DeadLetterList.Message.Of)]);

    private static DeadLetterOutcome Done(RedriveResult result, OperatorRun run, int remaining) => new(
        result.IsInterrupted || remaining + result.Left > 0 ? "more" : "complete",
        run.Name,
        result.Done,
        remaining,
        result.Before,
        result.PerhapsTwice,
        result.Gone,
        result.Left,
        0,
        null);

    private sealed class Unheard : IProgress<RedriveProgress>
    {
        public void Report(RedriveProgress value)
        {
        }
    }
}
