using Relay.Cli.Targets;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Signing;

/// <summary>Reads a file that should hold a head with signatures: alone, or in an envelope, whose content is left unread.</summary>
internal static class SignedHeadFile
{
    /// <exception cref="CliFault">It does not.</exception>
    public static async Task<SignedHead> ReadAsync(FileInfo file, CancellationToken cancellationToken) =>
        SignedHead.TryParse(
            await EnvelopeFile.ReadAsync(file, cancellationToken), EnvelopeLimits.Default, out var signed, out var fault, out var detail)
            ? signed
            : throw new CliFault($"{file.Name} holds no head of an envelope ({fault}).", detail);
}
