using Relay.Protocol.Negotiations;

namespace Relay.Forecasts;

/// <summary>What each question means.</summary>
public static class Questions
{
    /// <summary>Every question.</summary>
    public static IReadOnlyList<ForecastQuestion> All { get; } = Enum.GetValues<ForecastQuestion>();

    /// <summary>How far ahead it looks; whole hours.</summary>
    public static TimeSpan Horizon(this ForecastQuestion question) => question switch
    {
        ForecastQuestion.NextEnvelope => TimeSpan.FromHours(24),
        ForecastQuestion.FallsSilent => TimeSpan.FromHours(72),
        ForecastQuestion.Frozen => TimeSpan.FromDays(7),
    };

    /// <summary>As it stands in files.</summary>
    public static string ToText(this ForecastQuestion question) => question switch
    {
        ForecastQuestion.NextEnvelope => "next-envelope",
        ForecastQuestion.FallsSilent => "falls-silent",
        ForecastQuestion.Frozen => "frozen",
    };

    /// <summary>Whether the answer is yes when the event that the model waits for comes; for silence it is yes when it does not.</summary>
    public static bool IsOfTheEvent(this ForecastQuestion question) => question switch
    {
        ForecastQuestion.NextEnvelope or ForecastQuestion.Frozen => true,
        ForecastQuestion.FallsSilent => false,
    };

    /// <summary>True while the question makes no sense: what is frozen cannot be frozen.</summary>
    public static bool IsDecided(this ForecastQuestion question, NegotiationHistory history, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(history);
        return question == ForecastQuestion.Frozen && history.IsFrozen(at);
    }

    /// <summary>The answer, once the time is over.</summary>
    /// <param name="question">The question.</param>
    /// <param name="history">What is known by then.</param>
    /// <param name="at">When it was asked.</param>
    public static bool Outcome(this ForecastQuestion question, NegotiationHistory history, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(history);
        var happened = history.HasEvent(question, at, at + question.Horizon());
        return happened == question.IsOfTheEvent();
    }

    internal static bool IsFrozen(NegotiationMode mode) => mode != NegotiationMode.Open;
}
