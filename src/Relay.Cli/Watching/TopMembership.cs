namespace Relay.Cli.Watching;

/// <summary>The negotiations that a delegation is in, each by its own routes.</summary>
internal sealed class TopMembership(IReadOnlyList<TopReader> readers) : ITopSource
{
    /// <inheritdoc/>
    public async Task<TopFigures> ReadAsync(string? inside, CancellationToken cancellationToken) =>
        new(await Task.WhenAll(readers.Select(reader => reader.ReadAsync(reader.Negotiation == inside, cancellationToken))));
}
