using System.Text.Json;
using Relay.Testing;

namespace Relay.Protocol.Tests.Wycheproof;

/// <summary>Test vectors of the C2SP Wycheproof project, read from beside the repository.</summary>
internal static class WycheproofFile
{
    public static IEnumerable<(JsonElement Group, JsonElement Test)> Read(string file)
    {
        using var document = JsonDocument.Parse(SharedFiles.ReadOrSkip($"vectors/wycheproof/{file}"));
        foreach (var group in document.RootElement.Clone().GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                yield return (group, test);
            }
        }
    }

    public static byte[] Hex(this JsonElement test, string name) => Convert.FromHexString(test.GetProperty(name).GetString()!);

    public static string Text(this JsonElement test, string name) => test.GetProperty(name).GetString()!;

    public static bool IsValid(this JsonElement test) => test.Text("result") == "valid";

    public static string Name(this JsonElement test) => $"tcId {test.GetProperty("tcId").GetInt32()}: {test.Text("comment")}";
}
