namespace Relay.Cli.Signing;

/// <summary>Where a signed envelope or head goes: a file that is not there yet, or standard output.</summary>
internal sealed class EnvelopeOutput
{
    private readonly Terminal _terminal;
    private readonly FileInfo? _file;
    private readonly FileMode _mode;

    private EnvelopeOutput(Terminal terminal, FileInfo? file, FileMode mode)
    {
        _terminal = terminal;
        _file = file;
        _mode = mode;
    }

    /// <summary>
    /// Looks before anything is signed or numbered: an envelope that is overwritten is one that never comes, and all after it wait for it.
    /// </summary>
    /// <exception cref="CliFault">The file is there, or its folder is not.</exception>
    public static EnvelopeOutput Open(Terminal terminal, FileInfo? file, bool force)
    {
        if (file is null) return new EnvelopeOutput(terminal, null, FileMode.CreateNew);
        if (Directory.Exists(file.FullName)) throw new CliFault($"{file.FullName} is a folder.", "Give --out the path of a file in it.");
        if (file.Exists && !force)
        {
            throw new CliFault($"{file.FullName} is there already.", "Give --out another name, or --force to overwrite it.");
        }
        if (file.Directory is { Exists: false } folder)
        {
            throw new CliFault($"There is no folder {folder.FullName}.", "Make it, or give --out a path in one that is there.");
        }
        // A file that appears in between is not overwritten either.
        return new EnvelopeOutput(terminal, file, force ? FileMode.Create : FileMode.CreateNew);
    }

    /// <summary>Writes it; on disk before it returns.</summary>
    /// <param name="wire">What is written: an envelope, or a head.</param>
    /// <param name="kept">What to tell should that fail: the envelope is counted by then.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="CliFault">It could not be written.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> wire, string kept, CancellationToken cancellationToken)
    {
        try
        {
            if (_file is not null)
            {
                await using var file = new FileStream(_file.FullName, _mode, FileAccess.Write);
                await file.WriteAsync(wire, cancellationToken);
                file.Flush(flushToDisk: true);
                return;
            }

            await _terminal.Raw.WriteAsync(wire, cancellationToken);
            await _terminal.Raw.FlushAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliFault($"What was signed could not be written: {exception.Message}", kept, exception);
        }
    }
}
