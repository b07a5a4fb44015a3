using System.Text;
using Relay.Forecasts;
using Relay.Protocol.Text;

namespace Relay.Risk.Tests.Forecasts;

public sealed class ForecastBookTests
{
    private static readonly Forecast Sample = new()
    {
        Negotiation = "doha-2026",
        Question = ForecastQuestion.NextEnvelope,
        At = DateTimeOffset.FromUnixTimeSeconds(1_780_000_000),
        Probability = 0.731,
        Size = 12,
        Root = Digest.Of("root"u8),
        Contributions = [.. ForecastDrivers.Names.Select((_, i) => i / 3.0)],
    };

    [Fact]
    public void Forecast_WrittenAndRead_IsTheSameBytes()
    {
        var bytes = Sample.ToBytes();
        Assert.True(Forecast.TryParse(bytes, out var read));
        Assert.Equal(bytes, read.ToBytes());
        Assert.Equal((Sample.Question, Sample.At, Sample.Probability, Sample.Root), (read.Question, read.At, read.Probability, read.Root));
    }

    // Whatever byte is changed: it is no forecast any more, or one with another digest.
    [Fact]
    public void Forecast_AnyByteChanged_IsFoundOut()
    {
        var bytes = Sample.ToBytes();
        var book = new ForecastBook();
        book.Add(bytes);
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = (byte[])bytes.Clone();
            changed[i] ^= 1;
            Assert.DoesNotContain(Digest.Of(changed), book.Forecasts);
        }
    }

    [Fact]
    public void Book_WrittenAndRead_HasItsHeads()
    {
        var book = new ForecastBook();
        var first = book.Head;
        var text = new StringBuilder();
        for (var i = 0; i < 3; i++) text.Append(book.Add((Sample with { Size = i }).ToBytes()));
        Assert.True(ForecastBook.TryParse(text.ToString(), out var read, out var error), error);
        Assert.Equal((book.Head, text.ToString()), (read.Head, read.ToString()));
        Assert.True(read.HadHead(first));
        Assert.False(read.HadHead(Digest.Of("other"u8)));
    }

    // Whoever changes a line has to change every head after it, and so the one that was given away.
    [Fact]
    public void Book_ChangedLineLeftOutOrSwapped_IsFoundOut()
    {
        var book = new ForecastBook();
        for (var i = 0; i < 4; i++) book.Add((Sample with { Size = i }).ToBytes());
        var lines = book.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[][] changes =
        [
            [lines[0], lines[2], lines[3]],
            [lines[1], lines[0], lines[2], lines[3]],
            [lines[0], lines[1].Replace(lines[1].Split(' ')[1], Digest.Of("x"u8).ToString(), StringComparison.Ordinal), lines[2], lines[3]],
            [lines[0], "2 nonsense", lines[2]],
        ];
        foreach (var change in changes) Assert.False(ForecastBook.TryParse(string.Join('\n', change) + "\n", out _, out _));

        var forged = new ForecastBook();
        for (var i = 0; i < 4; i++) forged.Add((Sample with { Size = i, Probability = i == 1 ? 0.1 : Sample.Probability }).ToBytes());
        Assert.True(ForecastBook.TryParse(forged.ToString(), out var read, out _));
        Assert.False(read.HadHead(book.Head));
    }
}
