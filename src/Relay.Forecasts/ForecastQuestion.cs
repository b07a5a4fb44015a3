namespace Relay.Forecasts;

/// <summary>What is forecast; closed, so that nobody picks the question after the answer.</summary>
public enum ForecastQuestion
{
    /// <summary>Is an envelope accepted within 24 hours?</summary>
    NextEnvelope,

    /// <summary>Is none accepted within 72 hours?</summary>
    FallsSilent,

    /// <summary>Is the negotiation put into read-only or closed mode within seven days?</summary>
    Frozen,
}
