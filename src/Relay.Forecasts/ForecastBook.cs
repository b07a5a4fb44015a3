using System.Globalization;
using System.Text;
using Relay.Protocol.Text;

namespace Relay.Forecasts;

/// <summary>
/// The digests of forecasts in the order in which they were made, each line with a digest over all before it: whoever has given away the
/// last one, in an envelope of their own for instance, can change no forecast afterwards, nor leave one out.
/// </summary>
/// <remarks>
/// Text, a line each: <c>{number} {forecast's SHA-256} {head}</c>, base64url; head = SHA-256 of the texts of the head before and of the
/// forecast's digest, and before the first it is SHA-256(<c>relay/forecasts/v1</c>).
/// </remarks>
public sealed class ForecastBook
{
    private readonly List<Digest> _forecasts = [];
    private readonly List<Digest> _heads = [];

    /// <summary>Head of a book without a forecast.</summary>
    public static Digest Empty { get; } = Digest.Of("relay/forecasts/v1"u8);

    /// <summary>Digests of the forecasts, in order.</summary>
    public IReadOnlyList<Digest> Forecasts => _forecasts;

    /// <summary>What binds all of them.</summary>
    public Digest Head => _heads.Count == 0 ? Empty : _heads[^1];

    /// <summary>True when the book had this head once, or has it.</summary>
    public bool HadHead(Digest head) => head == Empty || _heads.Contains(head);

    /// <summary>Adds a forecast.</summary>
    /// <returns>Its line, with its newline, to append to the file.</returns>
    public string Add(ReadOnlySpan<byte> forecast)
    {
        var digest = Digest.Of(forecast);
        Add(digest);
        return Line(_forecasts.Count - 1);
    }

    /// <summary>Reads a book. Never throws on bad input.</summary>
    /// <param name="text">The file.</param>
    /// <param name="book">As far as it could be read.</param>
    /// <param name="error">What was expected and what came, with the line; empty when true.</param>
    public static bool TryParse(string text, out ForecastBook book, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        book = new ForecastBook();
        error = "";
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(' ');
            var number = book._forecasts.Count + 1;
            if (parts.Length != 3 || !Digest.TryParse(parts[1], out var digest))
            {
                error = $"expected line {number} of the book to have a number, a digest and a head";
                return false;
            }
            book.Add(digest);
            if (book.Line(number - 1) == line + "\n") continue;
            error = $"expected line {number} of the book to go on from those before it, it has another head: something was changed";
            return false;
        }
        return true;
    }

    /// <summary>The file.</summary>
    public override string ToString() => string.Concat(Enumerable.Range(0, _forecasts.Count).Select(Line));

    private void Add(Digest digest)
    {
        _heads.Add(Digest.Of(Encoding.ASCII.GetBytes($"{Head}{digest}")));
        _forecasts.Add(digest);
    }

    private string Line(int index) => string.Create(CultureInfo.InvariantCulture, $"{index + 1} {_forecasts[index]} {_heads[index]}\n");
}
