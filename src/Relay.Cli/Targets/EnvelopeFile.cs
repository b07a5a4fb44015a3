using Relay.Protocol.Envelopes;

namespace Relay.Cli.Targets;

/// <summary>Reads a file that should hold one envelope.</summary>
internal static class EnvelopeFile
{
    /// <exception cref="CliFault">It is larger than any envelope may be.</exception>
    public static async Task<byte[]> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        if (file.Length > EnvelopeLimits.Default.MaxWireBytes)
        {
            throw new CliFault($"{file.Name} has {file.Length} bytes.", $"An envelope has at most {EnvelopeLimits.Default.MaxWireBytes}.");
        }

        return await File.ReadAllBytesAsync(file.FullName, cancellationToken);
    }
}
