using System.Text;
using Emulator.FunctionsHost.Settings;

namespace Emulator.FunctionsHost.Tests.Settings;

public sealed class LocalSettingsFileTests
{
    private readonly List<string> _errors = [];

    [Fact]
    public void Parse_ValuesAndConnectionStrings_BecomeSettings()
    {
        var settings = Parse("""
            {
              // Core Tools allows comments.
              "IsEncrypted": false,
              "Values": { "Queue": "inbox", "Bus__fullyQualifiedNamespace": "x.example", },
              "ConnectionStrings": { "Sql": "secret" },
              "Host": { "LocalHttpPort": 7071 }
            }
            """);

        Assert.Empty(_errors);
        Assert.Equal("inbox", settings["Queue"]);
        Assert.Equal("x.example", settings["Bus:fullyQualifiedNamespace"]);
        Assert.Equal("secret", settings["ConnectionStrings:Sql"]);
        Assert.Equal(3, settings.Count);
    }

    [Fact]
    public void Parse_ByteOrderMark_IsSkipped()
    {
        byte[] json = [0xEF, 0xBB, 0xBF, .. """{"Values":{"A":"1"}}"""u8];

        var settings = LocalSettingsFile.Parse(json, "file", _errors);

        Assert.Empty(_errors);
        Assert.Equal("1", settings["A"]);
    }

    [Theory]
    [InlineData("""{ "Values": { "A": 1 } }""", "Values.A must be a string")]
    [InlineData("""{ "Values": { "A": { "B": "1" } } }""", "Values.A must be a string")]
    [InlineData("""{ "Values": [] }""", "Values must be an object")]
    [InlineData("""{ "IsEncrypted": true, "Values": {} }""", "IsEncrypted is true")]
    [InlineData("[]", "expected a JSON object")]
    [InlineData("{ \"Values\": ", "not valid JSON at line 1")]
    [InlineData("", "not valid JSON")]
    public void Parse_WrongFile_SaysWhatIsWrong(string json, string expected)
    {
        Parse(json);

        Assert.Contains(expected, Assert.Single(_errors), StringComparison.Ordinal);
        Assert.StartsWith("file: ", _errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingFile_IsAnError()
    {
        LocalSettingsFile.Read(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")), _errors);

        Assert.Contains("cannot be read", Assert.Single(_errors), StringComparison.Ordinal);
    }

    private IReadOnlyDictionary<string, string?> Parse(string json) =>
        LocalSettingsFile.Parse(Encoding.UTF8.GetBytes(json), "file", _errors);
}
