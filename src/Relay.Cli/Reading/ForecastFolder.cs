using System.Globalization;
using Relay.Forecasts;
using Relay.Protocol.Text;

namespace Relay.Cli.Reading;

/// <summary>Forecasts as files, and the book that binds them.</summary>
internal sealed class ForecastFolder(DirectoryInfo folder)
{
    private const string BookName = "forecasts.book";
    private const string Extension = ".forecast";
    private const long MaxBook = 64 * 1024 * 1024;

    /// <summary>Writes a forecast down; its file is there before its line is.</summary>
    /// <returns>The head of the book with it.</returns>
    public Digest Add(Forecast forecast)
    {
        folder.Create();
        var book = ReadBook();
        var bytes = forecast.ToBytes();
        var at = forecast.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var name = $"{forecast.Negotiation}-{forecast.Question.ToText()}-{at}{Extension}";
        try
        {
            using var file = new FileStream(Path.Combine(folder.FullName, name), FileMode.CreateNew, FileAccess.Write);
            file.Write(bytes);
        }
        catch (IOException exception) when (File.Exists(Path.Combine(folder.FullName, name)))
        {
            throw new CliFault($"{name} is there already.", "Forecast once a second at most.", exception);
        }
        File.AppendAllText(Path.Combine(folder.FullName, BookName), book.Add(bytes));
        return book.Head;
    }

    /// <summary>The book; an empty one where there is none.</summary>
    /// <exception cref="CliFault">It was changed.</exception>
    public ForecastBook ReadBook()
    {
        var file = new FileInfo(Path.Combine(folder.FullName, BookName));
        if (!file.Exists) return new ForecastBook();
        if (file.Length > MaxBook) throw new CliFault($"{file.Name} has {file.Length} bytes.", "Begin another folder.");
        return ForecastBook.TryParse(File.ReadAllText(file.FullName), out var book, out var error)
            ? book
            : throw new CliFault($"{file.Name} was changed: {error}.", "What it commits to can be trusted no more.");
    }

    /// <summary>Each forecast of the book, in its order; null where no file hashes to its digest.</summary>
    public IReadOnlyList<Forecast?> Read(ForecastBook book)
    {
        var files = folder.EnumerateFiles('*' + Extension)
            .Where(file => file.Length <= Forecast.MaxBytes)
            .Select(file => File.ReadAllBytes(file.FullName))
            .GroupBy(bytes => Digest.Of(bytes))
            .ToDictionary(group => group.Key, group => group.First());
        return
        [
            .. book.Forecasts.Select(
                digest => files.TryGetValue(digest, out var bytes) && Forecast.TryParse(bytes, out var forecast) ? forecast : null),
        ];
    }
}
