namespace Relay.Risk.Results;

/// <summary>A mediator as a source.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Weight">Its part of the whole weight, by the newest document.</param>
/// <param name="Vouched">Envelopes of the window that it vouched for and counted with.</param>
/// <param name="Share">Part of the window's envelopes; null without any.</param>
/// <param name="Credibility">
/// Its weight, halved for each contradiction that it has vouched for, which count half as much after every seven days: 0 to
/// <paramref name="Weight"/>.
/// </param>
public sealed record MediatorSignals(string Name, double Weight, int Vouched, double? Share, double Credibility);
