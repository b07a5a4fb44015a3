using Relay.Protocol.Envelopes;

namespace Relay.Cli.Signing;

/// <summary>Signs the heads in files, all of them together, so that each mediator's vault is asked once for all.</summary>
internal static class HeadFiles
{
    /// <summary>Signs and writes them.</summary>
    /// <param name="terminal">Where a head goes that goes to no file.</param>
    /// <param name="heads">Files to read: heads alone, or envelopes, whose content is left unread.</param>
    /// <param name="to">The one file to write to; null for <paramref name="into"/> or standard output.</param>
    /// <param name="into">Folder to write each to under its own name, made when there is none; null for one head alone.</param>
    /// <param name="force">Overwrites.</param>
    /// <param name="mediators">Who signs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CliFault">A file holds no head, or what is signed has no place to go; nothing was signed then.</exception>
    public static async Task<IReadOnlyList<EnvelopeHead>> SignAsync(
        Terminal terminal,
        FileInfo[] heads,
        FileInfo? to,
        DirectoryInfo? into,
        bool force,
        MediatorSigners mediators,
        CancellationToken cancellationToken)
    {
        var outputs = Outputs(terminal, heads, to, into, force);
        var read = new List<SignedHead>();
        foreach (var file in heads) read.Add(await SignedHeadFile.ReadAsync(file, cancellationToken));
        var signed = await mediators.SignAsync(read, cancellationToken);
        for (var i = 0; i < outputs.Count; i++)
        {
            await outputs[i].WriteAsync(signed[i].ToWire(), "The signatures were made.", cancellationToken);
        }

        return [.. signed.Select(one => one.Head)];
    }

    private static List<EnvelopeOutput> Outputs(Terminal terminal, FileInfo[] heads, FileInfo? to, DirectoryInfo? into, bool force)
    {
        if (into is null)
        {
            return heads.Length == 1
                ? [EnvelopeOutput.Open(terminal, to, force)]
                : throw new CliFault($"{heads.Length} heads go into no one file.", "Name a folder for them, e.g. --into signed.");
        }

        var twice = heads.GroupBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault(files => files.Count() > 1);
        if (twice is not null)
        {
            throw new CliFault($"Two heads are in files named {twice.Key}.", "Sign them one after the other, into different folders.");
        }
        into.Create();
        return [.. heads.Select(file => EnvelopeOutput.Open(terminal, new FileInfo(Path.Combine(into.FullName, file.Name)), force))];
    }
}
