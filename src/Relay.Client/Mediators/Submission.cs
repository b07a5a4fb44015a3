namespace Relay.Client.Mediators;

/// <summary>The relay's answer to an envelope it took over HTTP.</summary>
/// <param name="Id">Envelope id.</param>
/// <param name="Status"><c>queued</c>: durably on its queue.</param>
/// <param name="Location">Where its status will be; null when the relay does not say.</param>
public sealed record Submission(string Id, string Status, Uri? Location);
