namespace Relay.Cli.Watching;

/// <summary>Where <c>relay top</c> has its figures from. Asked by one at a time.</summary>
internal interface ITopSource
{
    /// <summary>Reads once. What cannot be read now is told beside what was read before.</summary>
    /// <param name="inside">Name of the negotiation that is looked into; null in the list.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<TopFigures> ReadAsync(string? inside, CancellationToken cancellationToken);
}
