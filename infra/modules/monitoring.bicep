// Where logs, traces and alerts go.
@description('Names the resources.')
param environmentName string

@description('Region.')
param location string

@description('On every resource.')
param tags object

@description('Days that logs are kept.')
param logRetentionDays int

@description('Who gets alerts by mail.')
param alertEmails array

@description('Name of the relay\'s identity.')
param relayName string

@description('The only identity that may send telemetry.')
param relayPrincipalId string

var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: 'log-relay-${environmentName}'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: logRetentionDays
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-relay-${environmentName}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    // Telemetry only from holders of the role below: an instrumentation key alone lets nobody write.
    DisableLocalAuth: true
  }
}

resource telemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, relayName, monitoringMetricsPublisher)
  scope: insights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-relay-${environmentName}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'relay'
    emailReceivers: [for (address, i) in alertEmails: {
      name: 'mail-${i}'
      emailAddress: address
      useCommonAlertSchema: true
    }]
  }
}

@description('Workspace of all logs.')
output workspaceId string = workspace.id

@description('Resource id of Application Insights.')
output applicationInsightsId string = insights.id

@description('Endpoint and instrumentation key; with local authentication off neither admits anyone.')
output applicationInsightsConnection string = insights.properties.ConnectionString

@description('What alerts call.')
output actionGroupId string = actionGroup.id
