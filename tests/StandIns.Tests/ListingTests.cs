using System.Reflection;
using Azure.Security.KeyVault.Keys;
using Microsoft.Azure.Functions.Worker;

namespace StandIns.Tests;

/// <summary>
/// A stand-in has nothing that its official package lacks, and nothing of another shape, so that what compiles and runs here does so there.
/// The files under <c>Listings</c> are the official side: written from the published listing and source that each names, never from the
/// stand-in.
/// </summary>
public sealed class ListingTests
{
    private static readonly Dictionary<string, (Assembly Assembly, bool Annotated)> StandIns = new()
    {
        ["Azure.Security.KeyVault.Keys"] = (typeof(KeyClient).Assembly, false),
        ["Microsoft.Azure.Functions.Worker.Extensions.ServiceBus"] = (typeof(ServiceBusTriggerAttribute).Assembly, true),
    };

    public static TheoryData<string> Packages => [.. StandIns.Keys];

    [Theory]
    [MemberData(nameof(Packages))]
    public void PublicSurface_OfAStandIn_IsInTheOfficialListing(string package)
    {
        var official = Listing(package);
        var surface = new PublicSurface(StandIns[package].Assembly, StandIns[package].Annotated).Read();
        var strange = surface.SelectMany(type => official.TryGetValue(type.Key, out var lines)
            ? type.Value.Except(lines).Select(line => $"{type.Key}: {line}")
            : [type.Key]);
        AssertNone(strange, "not as in the listing");
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Listing_OfAPackage_NamesNothingThatIsNotUsed(string package)
    {
        // An interface may be left out, the compiler says who needs it. An attribute may not: nothing would say that it is missing.
        var surface = new PublicSurface(StandIns[package].Assembly, StandIns[package].Annotated).Read();
        var missing = Listing(package).SelectMany(type => type.Value.Where(line => !line.StartsWith("implements ", StringComparison.Ordinal))
            .Except(surface.GetValueOrDefault(type.Key) ?? []).Select(line => $"{type.Key}: {line}"));
        AssertNone(missing, "in the listing and not in the stand-in");
    }

    [Fact]
    public void StandIns_Now_AreTheTwoThatAreListed() => Assert.Equal(
        Directory.EnumerateDirectories(Path.Combine(Root(), "src", "StandIns")).Select(Path.GetFileName).Order(StringComparer.Ordinal),
        StandIns.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void StandIns_Together_StayUnder2200Lines()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Root(), "src", "StandIns"), "*", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));
        Assert.InRange(files.Sum(path => File.ReadLines(path).Count()), 1, 2199);
    }

    [Fact]
    public void Text_OfMembersOfEveryKind_IsAsOneWritesThem()
    {
        var lines = new PublicSurface(typeof(Sample).Assembly, annotated: true).Read()["class StandIns.Tests.Sample"];
        Assert.Equal(
            [
                "[DefaultValue(3)] public int Count { get; protected set; }",
                "protected virtual string? Find("
                    + "[NotNullWhen(true)] string? name, out int at, DayOfWeek day = DayOfWeek.Friday, TimeSpan wait = default, int? limit = null)",
                "public Sample()",
                "public static string Join(string[] parts, bool isShort = true)",
            ],
            lines.Order(StringComparer.Ordinal));
    }

    private static void AssertNone(IEnumerable<string> lines, string what)
    {
        var all = lines.ToList();
        Assert.True(all.Count == 0, $"{what}:\n{string.Join('\n', all)}");
    }

    private static Dictionary<string, HashSet<string>> Listing(string package)
    {
        var types = new Dictionary<string, HashSet<string>>();
        var members = new HashSet<string>();
        var path = Path.Combine(AppContext.BaseDirectory, "Listings", package + ".txt");
        foreach (var line in File.ReadAllLines(path).Where(line => !line.StartsWith('#')))
        {
            if (line.StartsWith(' ')) members.Add(line.Trim());
            else types.Add(line, members = []);
        }

        return types;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Relay.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
