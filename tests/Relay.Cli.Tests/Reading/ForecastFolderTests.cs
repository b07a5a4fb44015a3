using Relay.Cli.Reading;
using Relay.Forecasts;
using Relay.Protocol.Text;
using Relay.Testing;

namespace Relay.Cli.Tests.Reading;

public sealed class ForecastFolderTests
{
    [Fact]
    public void Read_ForecastsAsWritten_AreThoseOfTheBook()
    {
        using var temporary = new TemporaryFolder();
        var folder = Fill(temporary, out var forecasts);
        var book = folder.ReadBook();
        Assert.Equal(forecasts.Select(forecast => forecast.ToBytes()), folder.Read(book).Select(read => read!.ToBytes()));
        Assert.True(book.HadHead(book.Head));
    }

    [Fact]
    public void Read_ChangedAndRemovedForecasts_AreNotThere()
    {
        using var temporary = new TemporaryFolder();
        var folder = Fill(temporary, out var forecasts);
        var files = Directory.GetFiles(temporary.Path, "*.forecast").Order(StringComparer.Ordinal).ToArray();
        File.WriteAllBytes(files[0], (forecasts[0] with { Probability = 0.99 }).ToBytes());
        File.Delete(files[2]);
        Assert.Equal([true, false, true], folder.Read(folder.ReadBook()).Select(read => read is null));
    }

    [Fact]
    public void ReadBook_WithAChangedLine_SaysWhich()
    {
        using var temporary = new TemporaryFolder();
        var folder = Fill(temporary, out _);
        var book = Path.Combine(temporary.Path, "forecasts.book");
        var lines = File.ReadAllLines(book);
        File.WriteAllLines(book, [lines[0], lines[2]]);
        Assert.Contains("line 2", Assert.Throws<CliFault>(folder.ReadBook).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_TwiceInASecond_IsRefused()
    {
        using var temporary = new TemporaryFolder();
        var folder = Fill(temporary, out var forecasts);
        Assert.Throws<CliFault>(() => folder.Add(forecasts[0]));
        Assert.Equal(3, folder.ReadBook().Forecasts.Count);
    }

    private static ForecastFolder Fill(TemporaryFolder temporary, out Forecast[] forecasts)
    {
        var folder = new ForecastFolder(new DirectoryInfo(temporary.Path));
        forecasts =
        [
            .. Enumerable.Range(0, 3).Select(day => new Forecast
            {
                Negotiation = "doha-2026",
                Question = ForecastQuestion.FallsSilent,
                At = DateTimeOffset.FromUnixTimeSeconds(1_780_000_000).AddDays(day),
                Probability = 0.25,
                Size = 10 + day,
                Root = Digest.Of("root"u8),
                Contributions = [.. ForecastDrivers.Names.Select(_ => 0.5)],
            }),
        ];
        foreach (var forecast in forecasts) folder.Add(forecast);
        return folder;
    }
}
