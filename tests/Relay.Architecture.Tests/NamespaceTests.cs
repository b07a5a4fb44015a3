namespace Relay.Architecture.Tests;

/// <summary>What lets a stranger find their way: one direction through the namespaces of a project, and one thing behind a name.</summary>
public sealed class NamespaceTests
{
    public static TheoryData<string> Projects =>
    [
        .. MissionSource.Projects,
        "Emulators/Emulator.Amqp", "Emulators/Emulator.Hosting", "Emulators/Emulator.KeyVault", "Emulators/Emulator.ServiceBus",
    ];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Namespaces_OfAProject_FormNoCircle(string project)
    {
        var uses = MissionSource.Uses(project);
        Assert.NotEmpty(uses);
        var circle = MissionSource.Circle(uses).ToHashSet();
        Assert.Empty(circle.Select(name => $"{name} uses {string.Join(", ", uses[name].Where(circle.Contains))}"));
    }

    [Fact]
    public void TypeNames_OfTheMission_MeanOneThing()
    {
        var types = MissionSource.Projects.SelectMany(MissionSource.Types).ToList();
        Assert.NotEmpty(types);
        var twice = types.GroupBy(type => type.Type).Where(group => group.Select(type => type.Namespace).Distinct().Count() > 1);
        Assert.Empty(twice.Select(group => $"{group.Key}: {string.Join(", ", group.Select(type => type.Path))}"));
    }

    [Fact]
    public void Circle_OverThreeNamespaces_IsFound() => Assert.Equal(
        ["a", "b", "c"],
        MissionSource.Circle(new() { ["a"] = ["b"], ["b"] = ["c"], ["c"] = ["a"], ["d"] = ["a"], ["e"] = [] }));

    [Fact]
    public void Uses_OfTheFunctionApp_AreSeen() =>
        Assert.Contains("Relay.Functions.Http", MissionSource.Uses("Relay.Functions")["Relay.Functions"]);
}
